import { cn } from './class-names.ts';
import { lonelyPoints } from './series.ts';

const WIDTH = 64;
const HEIGHT = 18;

interface TrendLineProps {
  values: readonly (number | null)[];
  className?: string;
}

/** A line as small as a word; gaps stay gaps. The numbers beside it say the same, so it is decoration to a reader. */
export function TrendLine({ values, className }: TrendLineProps) {
  const max = Math.max(1, ...values.map((value) => value ?? 0));
  const x = (index: number): number => (values.length < 2 ? WIDTH / 2 : (index / (values.length - 1)) * (WIDTH - 2) + 1);
  const y = (value: number): number => HEIGHT - 2 - (value / max) * (HEIGHT - 4);
  const point = (value: number | null, index: number): string => {
    if (value === null) return '';
    const isFirst = index === 0 || (values[index - 1] ?? null) === null;
    return `${isFirst ? 'M' : 'L'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
  };
  return (
    <svg aria-hidden viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={cn('h-4.5 w-16 shrink-0 text-blue', className)}>
      <path d={values.map(point).join('')} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />
      {lonelyPoints(values).map((index) => (
        <circle key={index} cx={x(index)} cy={y(values[index] ?? 0)} r="1.5" fill="currentColor" />
      ))}
    </svg>
  );
}
