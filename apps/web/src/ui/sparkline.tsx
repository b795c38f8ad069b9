import { cn } from './class-names.ts';
import { TONE_TEXT, type Tone } from './status.tsx';

interface SparklineProps {
  /** Says what is drawn, for those who do not see it. */
  label: string;
  values: readonly (number | null)[];
  /** The height of the tallest bar; several drawings side by side share it. */
  max: number;
  tone: Tone;
  className?: string;
}

const HEIGHT = 24;

/** Bars without axes, on a scale the caller chooses. A null is a gap. */
export function Sparkline({ label, values, max, tone, className }: SparklineProps) {
  const scale = max <= 0 ? 0 : HEIGHT / max;
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${Math.max(1, values.length) * 4} ${HEIGHT}`}
      preserveAspectRatio="none"
      className={cn('h-6 w-full', TONE_TEXT[tone], className)}
    >
      {values.map((value, index) => {
        const height = value === null || value <= 0 ? 0 : Math.max(1, value * scale);
        // oxlint-disable-next-line react/no-array-index-key -- a bar is its place
        return height === 0 ? null : <rect key={index} x={index * 4} y={HEIGHT - height} width="3" height={height} fill="currentColor" />;
      })}
    </svg>
  );
}
