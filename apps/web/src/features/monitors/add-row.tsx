import { Plus } from 'lucide-react';
import { Button } from '../../ui/button.tsx';

/** Adds an entry to the list it stands below, in the same group of fields; typing goes on in it. */
export function AddRow({ label, onAdd }: { label: string; onAdd(): void }) {
  return (
    <Button
      size="small"
      className="w-fit"
      onClick={({ currentTarget }) => {
        const group = currentTarget.parentElement;
        onAdd();
        requestAnimationFrame(() => group?.querySelector<HTMLElement>(':scope > div:last-of-type :is(input, select)')?.focus());
      }}
    >
      <Plus aria-hidden className="size-3.5" /> {label}
    </Button>
  );
}
