import { cn } from '../../ui/class-names.ts';

const WARN = 0.8;
const CRITICAL = 0.95;

/** A ratio as a bar with its two thresholds drawn on it. */
export function Saturation({ label, ratio, note }: { label: string; ratio: number; note: string }) {
  const percent = Math.round(ratio * 100);
  const tone = ratio >= CRITICAL ? 'bg-red' : ratio >= WARN ? 'bg-amber' : 'bg-accent';
  const word = ratio >= CRITICAL ? 'critical' : ratio >= WARN ? 'high' : 'normal';
  return (
    <div className="flex flex-col gap-1" title={note}>
      <div className="flex items-baseline justify-between gap-3 text-sm">
        <span className="text-ink-mute">{label}</span>
        <span className="font-medium">
          {percent} % <span className="text-ink-mute">({word}; warn 80, critical 95)</span>
        </span>
      </div>
      <div
        role="meter"
        aria-label={label}
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={`${percent} percent, ${word}`}
        className="relative h-2 overflow-hidden rounded-full bg-line"
      >
        <div className={cn('h-full origin-left', tone)} style={{ transform: `scaleX(${Math.min(1, ratio)})` }} />
        <span aria-hidden className="absolute inset-y-0 left-[80%] w-px bg-ink" />
        <span aria-hidden className="absolute inset-y-0 left-[95%] w-px bg-ink" />
      </div>
    </div>
  );
}
