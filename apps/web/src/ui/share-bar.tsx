import { cn } from './class-names.ts';

export interface Share {
  key: string;
  count: number;
  /** The class of its colour. */
  fill: string;
}

/** Shares of a whole as one thin line. The numbers beside it say the same, so it is decoration to a reader. */
export function ShareBar({ shares, className }: { shares: readonly Share[]; className?: string }) {
  return (
    <div aria-hidden className={cn('flex h-1 gap-px bg-sunken', className)}>
      {shares.map(({ key, count, fill }) => count > 0 && <div key={key} className={cn('min-w-1', fill)} style={{ flexGrow: count }} />)}
    </div>
  );
}
