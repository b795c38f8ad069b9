import { cn } from './class-names.ts';

/** A share of a whole as a bar and as numbers; amber from 80 %, red from 95 %. */
export function Meter({ label, value, max, className }: { label: string; value: number; max: number; className?: string }) {
  const ratio = max === 0 ? 0 : Math.min(1, value / max);
  const tone = ratio >= 0.95 ? 'bg-red' : ratio >= 0.8 ? 'bg-amber' : 'bg-accent';
  return (
    <span className={cn('inline-flex items-center gap-2 align-middle whitespace-nowrap', className)}>
      <span
        role="meter"
        aria-label={label}
        aria-valuenow={value}
        aria-valuemin={0}
        aria-valuemax={Math.max(max, 1)}
        className="h-1.5 w-14 overflow-hidden rounded-full bg-line"
      >
        <span className={cn('block h-full origin-left', tone)} style={{ transform: `scaleX(${ratio})` }} />
      </span>
      <span>
        {value} of {max}
      </span>
    </span>
  );
}
