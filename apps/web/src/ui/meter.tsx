import { formatCount } from '../lib/format.ts';
import { cn } from './class-names.ts';

interface MeterProps {
  label: string;
  value: number;
  max: number;
  /** To come near the end is what is wanted. */
  isProgress?: boolean;
  className?: string;
}

/** A share of a whole as a bar and as numbers; what fills up is amber from 80 % and red from 95 %. */
export function Meter({ label, value, max, isProgress = false, className }: MeterProps) {
  const ratio = max === 0 ? 0 : Math.min(1, value / max);
  const tone = isProgress || ratio < 0.8 ? 'bg-accent' : ratio >= 0.95 ? 'bg-red' : 'bg-amber';
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
        {formatCount(value)} of {formatCount(max)}
      </span>
    </span>
  );
}
