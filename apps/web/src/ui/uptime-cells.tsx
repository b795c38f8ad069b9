import { useState } from 'react';
import type { KeyboardEvent, PointerEvent } from 'react';
import { cn } from './class-names.ts';

/** `quiet` is time that does not count, `none` time of which nothing is known. */
export type CellTone = 'good' | 'slow' | 'bad' | 'mixed' | 'quiet' | 'none';

const FILLS: Record<CellTone, string> = {
  good: 'fill-green',
  slow: 'fill-amber',
  bad: 'fill-red',
  mixed: 'fill-red',
  quiet: 'fill-violet/60',
  none: 'fill-line-strong',
};

/** Height of each tone in a box of 24: what is wrong is told by the shape, too. */
const SHAPES: Record<CellTone, readonly { y: number; height: number }[]> = {
  good: [{ y: 4, height: 16 }],
  slow: [{ y: 9, height: 11 }],
  bad: [{ y: 0, height: 24 }],
  mixed: [
    { y: 0, height: 10 },
    { y: 13, height: 11 },
  ],
  quiet: [{ y: 14, height: 6 }],
  none: [{ y: 18, height: 2 }],
};

function Cells({ tones }: { tones: readonly CellTone[] }) {
  return tones.map((tone, index) =>
    SHAPES[tone].map(({ y, height }) => (
      <rect key={`${index} ${y}`} x={index * 6 + 0.75} y={y} width="4.5" height={height} className={FILLS[tone]} />
    )),
  );
}

/** A bar of cells that says itself in one sentence: for rows of a list. */
export function CellBar({ tones, label, className }: { tones: readonly CellTone[]; label: string; className?: string | undefined }) {
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${tones.length * 6} 24`}
      preserveAspectRatio="none"
      className={cn('h-5 w-full min-w-40', className)}
    >
      <title>{label}</title>
      <Cells tones={tones} />
    </svg>
  );
}

export interface UptimeCell {
  tone: CellTone;
  /** "12 Nov: 99.31 %, 2 outages, down 9 min 55 s". */
  text: string;
}

interface UptimeCellsProps {
  /** What the bar is of: "Uptime of the last 90 days". */
  label: string;
  cells: readonly UptimeCell[];
  /** Enter or a press on a cell. */
  onChoose?(index: number): void;
}

function step(key: string, at: number, count: number): number | null {
  const moves: Record<string, number> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    PageUp: at + 7,
    PageDown: at - 7,
    Home: 0,
    End: count - 1,
  };
  const next = moves[key];
  return next === undefined ? null : Math.min(count - 1, Math.max(0, next));
}

/** Each cell by mouse, touch or arrow keys, in one stop of the Tab key: cells are narrower than a finger. */
export function UptimeCells({ label, cells, onChoose }: UptimeCellsProps) {
  const [at, setAt] = useState<number | null>(null);
  const last = cells.length - 1;
  const shown = at === null ? null : Math.min(at, last);
  const cell = cells[shown ?? last];
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = step(event.key, shown ?? last, cells.length);
    if (next !== null) setAt(next);
    else if (event.key === 'Escape' && shown !== null) setAt(null);
    else if (event.key === 'Enter' && shown !== null && onChoose !== undefined) onChoose(shown);
    else return;
    event.preventDefault();
  };
  const onPointer = (event: PointerEvent<HTMLElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    setAt(Math.min(last, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * cells.length))));
  };
  if (cells.length === 0) return null;
  const left = ((shown ?? last) + 0.5) / cells.length;
  return (
    <div className="relative">
      <div
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-roledescription="bar of cells"
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={shown ?? last}
        aria-valuetext={cell?.text ?? ''}
        className="rounded-sm"
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          if (event.currentTarget.matches(':focus-visible')) setAt((known) => known ?? last);
        }}
        onBlur={() => setAt(null)}
        onPointerMove={onPointer}
        onPointerDown={onPointer}
        onPointerLeave={() => setAt(null)}
        onClick={() => {
          if (shown !== null) onChoose?.(shown);
        }}
      >
        <svg aria-hidden viewBox={`0 0 ${cells.length * 6} 24`} preserveAspectRatio="none" className="h-9 w-full">
          {shown !== null && <rect x={shown * 6} y="0" width="6" height="24" className="fill-ink/15" />}
          <Cells tones={cells.map((entry) => entry.tone)} />
        </svg>
      </div>
      {shown !== null && (
        <div
          aria-hidden
          className="pointer-events-none absolute bottom-full z-10 mb-1 w-max max-w-72 rounded-md border border-line bg-surface px-2.5 py-1.5 text-xs text-ink shadow-float"
          style={left > 0.5 ? { right: `${(1 - left) * 100}%` } : { left: `${left * 100}%` }}
        >
          {cell?.text}
        </div>
      )}
    </div>
  );
}
