import { DASHES, formatOf } from './series.ts';
import type { SeriesData, SeriesLine } from './series.ts';
import { cn } from './class-names.ts';
import { TONE_TEXT } from './status.tsx';

function Swatch({ line, index, drawing, count }: { line: SeriesLine; index: number; drawing: 'line' | 'stack'; count: number }) {
  return (
    <svg
      aria-hidden
      viewBox="0 0 16 10"
      className={cn('h-2.5 w-4 shrink-0', line.tone === 'grey' ? 'text-line-strong' : TONE_TEXT[line.tone])}
    >
      {line.isMark === true ? (
        <path d="M4 1l8 8M12 1l-8 8" stroke="currentColor" strokeWidth="2" />
      ) : drawing === 'stack' ? (
        <rect x="3" width="10" height="10" rx="2" fill="currentColor" />
      ) : (
        <path
          d="M0 5h16"
          stroke="currentColor"
          strokeWidth="2.5"
          strokeDasharray={DASHES[count === 1 ? 0 : (count - 1 - index) % DASHES.length]?.map((length) => length * 0.8).join(' ')}
        />
      )}
    </svg>
  );
}

interface ReadoutProps {
  data: SeriesData | undefined;
  drawing: 'line' | 'stack';
  cursor: number | null;
  formatValue(value: number): string;
}

/** Names of the lines, with the values of the chosen point, or with what they add up to. */
export function Readout({ data, drawing, cursor, formatValue }: ReadoutProps) {
  const isChosen = cursor !== null && data?.times[cursor] !== undefined;
  return (
    <div aria-hidden className="flex min-h-6 min-w-0 flex-1 flex-wrap items-center gap-x-4 gap-y-0.5 text-xs text-ink-soft">
      {(data?.lines ?? []).map((line, index, lines) => {
        const value = cursor === null ? null : (line.values[cursor] ?? null);
        const text = !isChosen ? (line.summary ?? '') : value === null ? 'no data' : formatOf(line, formatValue)(value);
        return (
          <span key={line.key} className="inline-flex items-center gap-1.5 whitespace-nowrap">
            <Swatch line={line} index={index} drawing={drawing} count={lines.length} />
            {line.label} <span className="font-semibold text-ink">{text}</span>
          </span>
        );
      })}
    </div>
  );
}
