import { useState } from 'react';
import { formatCount } from '../lib/format.ts';
import { Button } from './button.tsx';

export interface Bar {
  label: string;
  good: number;
  bad: number;
  other: number;
}

interface BarChartProps {
  bars: readonly Bar[] | undefined;
  /** A sentence that says what the drawing shows. */
  caption: string;
}

const HEIGHT = 132;
const STEP = 10;

function total(bar: Bar): number {
  return bar.good + bar.bad + bar.other;
}

/** The next round number at or above the tallest bar. */
function ceiling(bars: readonly Bar[]): number {
  const top = Math.max(...bars.map(total), 1);
  const magnitude = 10 ** Math.floor(Math.log10(top));
  return [1, 2, 4, 5, 10].map((step) => step * magnitude).find((step) => step >= top) ?? top;
}

/** Failures stand on the axis, where they are seen first; the rest is stacked upon them. */
function Column({ bar, index, scale }: { bar: Bar; index: number; scale: number }) {
  const parts = [
    { value: bar.bad, className: 'fill-red' },
    { value: bar.other, className: 'fill-line-strong' },
    { value: bar.good, className: 'fill-green/75' },
  ];
  let y = HEIGHT;
  return (
    <g>
      <title>{`${bar.label}: ${bar.good} completed, ${bar.bad} failed, ${bar.other} cancelled`}</title>
      <rect x={index * STEP} y={0} width={STEP} height={HEIGHT} className="fill-transparent hover:fill-sunken" />
      {parts.map((part) => {
        const height = part.value === 0 ? 0 : Math.max(2, part.value * scale);
        y -= height;
        return height === 0 ? null : (
          <rect
            key={part.className}
            x={index * STEP + 1.5}
            y={y}
            width={STEP - 3}
            height={height}
            className={part.className}
            pointerEvents="none"
          />
        );
      })}
    </g>
  );
}

function Table({ bars, caption }: { bars: readonly Bar[]; caption: string }) {
  return (
    <div
      role="region"
      tabIndex={0}
      aria-label="The chart as a table"
      className="max-h-64 overflow-auto border-t border-line -outline-offset-2"
    >
      <table className="w-full text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead className="text-left text-xs text-ink-mute">
          <tr>
            {['Start', 'Completed', 'Failed', 'Cancelled'].map((name) => (
              <th key={name} scope="col" className="px-4 py-1.5 font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bars.map((bar) => (
            <tr key={bar.label} className="border-t border-line">
              <td className="px-4 py-1 whitespace-nowrap">{bar.label}</td>
              <td className="px-4 py-1">{formatCount(bar.good)}</td>
              <td className="px-4 py-1">{formatCount(bar.bad)}</td>
              <td className="px-4 py-1">{formatCount(bar.other)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Stacked bars over time, with a sentence and a table that say the same. */
export function BarChart({ bars, caption }: BarChartProps) {
  const [isTable, setTable] = useState(false);
  const shown = bars ?? [];
  const top = ceiling(shown);
  const isEmpty = bars !== undefined && shown.every((bar) => total(bar) === 0);
  return (
    <figure className="flex flex-col">
      <div className="relative px-4 pt-3">
        <span aria-hidden className="absolute top-2 right-4 bg-surface/80 pl-1 text-xs text-ink-mute">
          {formatCount(top)}
        </span>
        <svg
          aria-hidden
          viewBox={`0 0 ${Math.max(shown.length, 1) * STEP} ${HEIGHT}`}
          preserveAspectRatio="none"
          className="h-33 w-full border-b border-line-strong"
        >
          <line x1="0" x2="100%" y1="0.5" y2="0.5" className="stroke-line" vectorEffect="non-scaling-stroke" />
          <line x1="0" x2="100%" y1={HEIGHT / 2} y2={HEIGHT / 2} className="stroke-line" vectorEffect="non-scaling-stroke" />
          {shown.map((bar, index) => (
            <Column key={bar.label} bar={bar} index={index} scale={HEIGHT / top} />
          ))}
        </svg>
        {isEmpty && (
          <span className="absolute inset-x-0 top-16 text-center text-sm text-ink-mute">
            <span className="bg-surface px-2">Nothing finished in this window</span>
          </span>
        )}
        <div aria-hidden className="flex justify-between gap-4 pt-1 text-xs text-ink-mute">
          <span>{shown.at(0)?.label}</span>
          <span>{shown.at(-1)?.label}</span>
        </div>
      </div>
      <figcaption className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 pt-2 pb-3 text-xs text-ink-soft">
        <span className="min-w-0 flex-1 basis-60">{caption}</span>
        <Button size="small" aria-expanded={isTable} onClick={() => setTable(!isTable)}>
          {isTable ? 'Hide table' : 'View as table'}
        </Button>
      </figcaption>
      {isTable && <Table bars={shown} caption={caption} />}
    </figure>
  );
}
