import { ZoomIn } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { KeyboardEvent } from 'react';
import type { Failure } from '../lib/failure.ts';
import { formatClock } from '../lib/format.ts';
import { Button } from './button.tsx';
import { cn } from './class-names.ts';
import { FailureStrip } from './notice.tsx';
import { Readout } from './series-readout.tsx';
import { SeriesTable } from './series-table.tsx';
import { SeriesTools } from './series-tools.tsx';
import { formatBucket, formatOf } from './series.ts';
import type { SeriesData, SeriesSpan } from './series.ts';
import { Skeleton } from './skeleton.tsx';
import { useZone } from './time.tsx';

const Plot = lazy(async () => ({ default: (await import('./time-series-plot.tsx')).TimeSeriesPlot }));

interface TimeSeriesProps {
  /** Names the chart: "Duration". */
  label: string;
  /** A sentence that says what is counted and of what. */
  caption: string;
  /** Undefined while nothing is known yet. */
  data: SeriesData | undefined;
  drawing?: 'line' | 'stack';
  /** Stretches of time behind the lines. */
  spans?: readonly SeriesSpan[];
  from: number;
  to: number;
  bucketMs: number;
  formatValue(value: number): string;
  /** Values are counts. */
  isWhole?: boolean;
  isCompact?: boolean;
  /** Said over the drawing when there is no value other than zero. */
  empty: string;
  /** The last reading failed: what is drawn is old, and stays. */
  failure?: Failure | null;
  /** When what is drawn was read. */
  updatedAt?: number;
  onRetry?(): void;
  /** A part of the time was chosen; whole buckets. */
  onZoom?(from: number, to: number): void;
}

function describePoint({ data, formatValue }: TimeSeriesProps, index: number, timeZone: string): string {
  const time = data?.times[index];
  if (data === undefined || time === undefined) return 'nothing to read';
  const values = data.lines.map((line) => {
    const value = line.values[index] ?? null;
    return `${line.label} ${value === null ? 'no data' : formatOf(line, formatValue)(value)}`;
  });
  return `${formatBucket(time, timeZone)}: ${values.join(', ')}`;
}

function isEmpty(data: SeriesData | undefined): boolean {
  return data !== undefined && data.lines.every((line) => line.values.every((value) => value === null || value === 0));
}

interface PointState {
  cursor: number | null;
  anchor: number | null;
}

const NO_SPANS: readonly SeriesSpan[] = [];
const NOTHING: PointState = { cursor: null, anchor: null };

/** Where a key leads from here; null when it means nothing to a chart. */
function step(key: string, at: number, count: number): number | null {
  const big = Math.max(1, Math.round(count / 10));
  const moves: Record<string, number> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    PageDown: at - big,
    PageUp: at + big,
    Home: 0,
    End: count - 1,
  };
  const next = moves[key];
  return next === undefined ? null : Math.min(count - 1, Math.max(0, next));
}

/** The point a person looks at, by mouse or by keys, and the stretch they choose with Shift and arrows. */
function usePoint({ data, bucketMs, onZoom }: TimeSeriesProps) {
  const [{ cursor, anchor }, set] = useState(NOTHING);
  const times = data?.times ?? [];
  const count = times.length;
  const shown = cursor !== null && cursor < count ? cursor : null;
  const zoom = (from: number, to: number): void => {
    const start = Math.floor(from / bucketMs) * bucketMs;
    set(NOTHING);
    onZoom?.(start, Math.max(start + bucketMs, Math.ceil(to / bucketMs) * bucketMs));
  };
  const zoomToSelection = (): void => {
    if (shown === null || anchor === null) return;
    zoom(times[Math.min(shown, anchor)] ?? 0, (times[Math.max(shown, anchor)] ?? 0) + bucketMs);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = step(event.key, shown ?? count, count);
    if (next !== null && count > 0) set({ cursor: next, anchor: event.shiftKey ? (anchor ?? shown ?? next) : null });
    else if (event.key === 'Enter') zoomToSelection();
    else if (event.key === 'Escape' && shown !== null) set(NOTHING);
    else return;
    event.preventDefault();
  };
  const onCursor = (index: number | null): void => set((last) => (last.cursor === index ? last : { cursor: index, anchor: null }));
  return { cursor: shown, anchor, zoom, zoomToSelection, onKeyDown, onCursor, clear: () => set(NOTHING) };
}

type Point = ReturnType<typeof usePoint>;

/** The drawing, as a slider over its points: arrows move, Shift selects, Enter zooms. */
function Chart({ props, point }: { props: TimeSeriesProps; point: Point }) {
  const { label, data, drawing = 'line', isWhole = false, isCompact = false, failure = null } = props;
  const timeZone = useZone();
  const last = Math.max(0, (data?.times.length ?? 0) - 1);
  const height = isCompact ? 128 : 188;
  const place = (
    <div className="px-4 pt-4" style={{ height }}>
      {data === undefined && failure === null && <Skeleton className="h-full w-full" />}
    </div>
  );
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={`${label}, point in time`}
      aria-roledescription="chart"
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={point.cursor ?? last}
      aria-valuetext={describePoint(props, point.cursor ?? last, timeZone)}
      className="relative mx-1 -outline-offset-2"
      onKeyDown={point.onKeyDown}
      onBlur={point.clear}
    >
      {data === undefined ? (
        place
      ) : (
        <Suspense fallback={place}>
          <Plot
            data={data}
            drawing={drawing}
            spans={props.spans ?? NO_SPANS}
            from={props.from}
            to={props.to}
            bucketMs={props.bucketMs}
            timeZone={timeZone}
            formatValue={props.formatValue}
            isWhole={isWhole}
            height={height}
            cursor={point.cursor}
            anchor={point.anchor}
            onCursor={point.onCursor}
            onSelect={point.zoom}
          />
        </Suspense>
      )}
      {isEmpty(data) && (
        <span className="pointer-events-none absolute inset-x-0 top-[38%] text-center text-sm text-ink-mute">
          <span className="bg-surface px-2">{props.empty}</span>
        </span>
      )}
    </div>
  );
}

/** What is drawn is old: since when, why, and how to try again. */
function Stale({ failure, updatedAt, onRetry }: { failure: Failure; updatedAt: number | undefined; onRetry: (() => void) | undefined }) {
  const timeZone = useZone();
  const isKnown = updatedAt !== undefined && updatedAt > 0;
  const what = isKnown ? `Showing data from ${formatClock(updatedAt, timeZone)}.` : 'The chart could not be read.';
  return (
    <div className="px-3 pb-3">
      <FailureStrip what={what} failure={failure} {...(onRetry === undefined ? {} : { onRetry })} />
    </div>
  );
}

/** Values over time: a drawing with a keyboard, the same as a table, and as a file. Gaps stay gaps. */
export function TimeSeries(props: TimeSeriesProps) {
  const { label, data, drawing = 'line', failure = null, formatValue, onZoom } = props;
  const [isTable, setTable] = useState(false);
  const point = usePoint(props);
  const timeZone = useZone();
  return (
    <figure className="flex min-w-0 flex-col" aria-busy={data === undefined && failure === null}>
      <div className="flex items-start gap-2 px-4 pt-2">
        <Readout data={data} drawing={drawing} cursor={point.cursor} formatValue={formatValue} />
        {point.anchor !== null && onZoom !== undefined && (
          <Button size="small" onMouseDown={(event) => event.preventDefault()} onClick={point.zoomToSelection}>
            <ZoomIn aria-hidden className="size-3.5" /> Zoom to selection
          </Button>
        )}
        <SeriesTools label={label} data={data} isTable={isTable} onTable={() => setTable(!isTable)} />
      </div>
      <Chart props={props} point={point} />
      <figcaption className="grid px-4 pt-1 pb-3 text-xs text-ink-mute">
        <span className={cn('col-start-1 row-start-1', point.cursor !== null && 'opacity-0')}>{props.caption}</span>
        {point.cursor !== null && (
          <span aria-hidden className="col-start-1 row-start-1 text-ink-soft">
            {formatBucket(data?.times[point.cursor] ?? 0, timeZone)} {timeZone}
          </span>
        )}
      </figcaption>
      {failure !== null && <Stale failure={failure} updatedAt={props.updatedAt} onRetry={props.onRetry} />}
      {isTable && data !== undefined && <SeriesTable label={label} data={data} formatValue={formatValue} />}
    </figure>
  );
}
