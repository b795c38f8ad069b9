import type { ReactNode } from 'react';
import { cn } from './class-names.ts';

/** A figure with its name, and a line that says of what it is. */
export function Vital({ name, children, note, isBad = false }: { name: string; children: ReactNode; note?: ReactNode; isBad?: boolean }) {
  return (
    <div className="flex min-w-28 flex-1 flex-col px-4 py-2.5">
      <dt className="text-xs text-ink-soft">{name}</dt>
      <dd className={cn('text-lg/7 font-semibold tracking-[-0.01em] wrap-anywhere', isBad && 'text-red')}>{children}</dd>
      {note !== undefined && <dd className="text-xs text-ink-mute">{note}</dd>}
    </div>
  );
}

/** The figures one looks for first, in one row. */
export function Vitals({ children, label }: { children: ReactNode; label: string }) {
  return (
    <dl aria-label={label} className="flex flex-wrap divide-line sm:divide-x">
      {children}
    </dl>
  );
}
