import { UNKNOWN } from '../lib/format.ts';
import { formatBucket, formatOf } from './series.ts';
import type { SeriesData } from './series.ts';
import { useZone } from './time.tsx';

interface SeriesTableProps {
  label: string;
  data: SeriesData;
  formatValue(value: number): string;
}

/** What a chart draws, as rows; the latest first, in the chosen zone. */
export function SeriesTable({ label, data, formatValue }: SeriesTableProps) {
  const timeZone = useZone();
  const order = data.times.map((_, index) => index).toReversed();
  return (
    <div
      role="region"
      tabIndex={0}
      aria-label={`${label} as a table`}
      className="max-h-72 overflow-auto border-t border-line -outline-offset-2"
    >
      <table className="w-full text-sm">
        <caption className="sr-only">{label}, the latest first</caption>
        <thead className="sticky top-0 bg-surface text-left text-xs text-ink-mute">
          <tr>
            <th scope="col" className="h-8 px-4 font-medium">
              Start ({timeZone})
            </th>
            {data.lines.map((line) => (
              <th key={line.key} scope="col" className="h-8 px-4 text-right font-medium">
                {line.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {order.map((index) => (
            <tr key={data.times[index]}>
              <th scope="row" className="h-8 px-4 text-left font-normal whitespace-nowrap">
                {formatBucket(data.times[index] ?? 0, timeZone)}
              </th>
              {data.lines.map((line) => {
                const value = line.values[index] ?? null;
                return (
                  <td key={line.key} className="h-8 px-4 text-right">
                    {value === null ? <span className="text-ink-mute">{UNKNOWN}</span> : formatOf(line, formatValue)(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
