import type { ReactNode } from 'react';
import type { Failure } from '../../lib/failure.ts';
import { Button } from '../../ui/button.tsx';
import { DrawerClose } from '../../ui/drawer.tsx';
import type { Unsaved } from '../../ui/unsaved.tsx';

/** What the server said about one field. */
export function problemOf(failure: Failure | null, field: string): string | undefined {
  return failure?.issues.find((issue) => issue.path === field)?.message;
}

/** A form that fills a drawer, with its verb and the way out below. */
export function FormFrame({
  children,
  action,
  isPending,
  unsaved,
  onSubmit,
}: {
  children: ReactNode;
  action: string;
  isPending: boolean;
  unsaved: Unsaved;
  onSubmit(): void;
}) {
  return (
    <form
      className="flex min-h-0 flex-1 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <div className="flex flex-1 flex-col gap-4 overflow-y-auto px-5 py-4">{children}</div>
      <footer className="flex justify-end gap-2 border-t border-line px-5 py-3">
        <DrawerClose />
        <Button type="submit" variant="primary" disabled={isPending}>
          {action}
        </Button>
      </footer>
      {unsaved.question}
    </form>
  );
}
