import { Download, Table2, ZoomIn } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { copyText, downloadText } from '../lib/clipboard.ts';
import type { Failure } from '../lib/failure.ts';
import { Button, IconButton } from './button.tsx';
import { cn } from './class-names.ts';
import { Menu, MenuItem } from './menu.tsx';
import { FailureStrip } from './notice.tsx';
import { DASHES, formatBucket, toCsv } from './series.ts';
import type { SeriesData, SeriesLine } from './series.ts';
import { SeriesTable } from './series-table.tsx';
import { Skeleton } from './skeleton.tsx';
import { TONE_TEXT } from './status.tsx';
import { useZone } from './time.tsx';
import { notify } from './toast.tsx';

const Plot = lazy(async () => ({ default: (await import('./time-series-plot.tsx')).TimeSeriesPlot }));

interface TimeSeriesProps {
  /** Names the chart: "Duration". */
  label: string;
  /** A sentence that says what is counted and of what. */
  caption: string;
  /** Undefined while nothing is known yet. */
  data: SeriesData | undefined;
  drawing?: 'line' | 'stack';
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

function Swatch({ line, index, drawing, count }: { line: SeriesLine; index: number; drawing: 'line' | 'stack'; count: number }) {
  return (
    <svg
      aria-hidden
      viewBox="0 0 16 10"
      className={cn('h-2.5 w-4 shrink-0', line.tone === 'grey' ? 'text-line-strong' : TONE_TEXT[line.tone])}
    >
      {drawing === 'stack' ? (
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

/** Names of the lines, with the values of the chosen point, or with what they add up to. */
function Readout({ props, cursor }: { props: TimeSeriesProps; cursor: number | null }) {
  const { data, drawing = 'line', formatValue } = props;
  const timeZone = useZone();
  const time = cursor === null ? undefined : data?.times[cursor];
  return (
    <div aria-hidden className="flex min-h-6 min-w-0 flex-1 flex-wrap items-center gap-x-4 gap-y-0.5 text-xs text-ink-soft">
      {(data?.lines ?? []).map((line, index, lines) => {
        const value = cursor === null ? null : (line.values[cursor] ?? null);
        const text = time === undefined ? (line.summary ?? '') : value === null ? 'no data' : formatValue(value);
        return (
          <span key={line.key} className="inline-flex items-center gap-1.5 whitespace-nowrap">
            <Swatch line={line} index={index} drawing={drawing} count={lines.length} />
            {line.label} <span className="font-semibold text-ink">{text}</span>
          </span>
        );
      })}
      {time !== undefined && <span className="whitespace-nowrap text-ink-mute">{formatBucket(time, timeZone)}</span>}
    </div>
  );
}

function describePoint({ data, formatValue }: TimeSeriesProps, index: number, timeZone: string): string {
  const time = data?.times[index];
  if (data === undefined || time === undefined) return 'nothing to read';
  const values = data.lines.map((line) => {
    const value = line.values[index] ?? null;
    return `${line.label} ${value === null ? 'no data' : formatValue(value)}`;
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

interface ToolsProps {
  label: string;
  data: SeriesData | undefined;
  isTable: boolean;
  onTable(): void;
}

function Tools({ label, data, isTable, onTable }: ToolsProps) {
  const csv = (): string => (data === undefined ? '' : toCsv(data));
  const copy = async (): Promise<void> => {
    const isCopied = await copyText(csv());
    notify(isCopied ? { title: 'Copied as CSV' } : { title: 'The browser did not allow copying', tone: 'red' });
  };
  return (
    <span className="flex shrink-0 items-center">
      <IconButton
        label={isTable ? `Hide the table of ${label}` : `Show ${label} as a table`}
        aria-expanded={isTable}
        className={cn('size-7', isTable && 'bg-sunken text-ink')}
        onClick={onTable}
      >
        <Table2 aria-hidden className="size-4" />
      </IconButton>
      <Menu
        trigger={
          <IconButton label={`Export ${label}`} className="size-7">
            <Download aria-hidden className="size-4" />
          </IconButton>
        }
      >
        <MenuItem onSelect={() => void copy()}>Copy as CSV</MenuItem>
        <MenuItem onSelect={() => downloadText(`${label.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.csv`, csv())}>Download CSV</MenuItem>
      </Menu>
    </span>
  );
}

/** Values over time: a drawing with a keyboard, the same as a table, and as a file. Gaps stay gaps. */
export function TimeSeries(props: TimeSeriesProps) {
  const { label, caption, data, drawing = 'line', isWhole = false, isCompact = false, failure = null, updatedAt, onRetry } = props;
  const [isTable, setTable] = useState(false);
  const timeZone = useZone();
  const point = usePoint(props);
  const count = data?.times.length ?? 0;
  const height = isCompact ? 128 : 188;
  const place = (
    <div className="px-4 pt-4" style={{ height }}>
      {data === undefined && failure === null && <Skeleton className="h-full w-full" />}
    </div>
  );
  return (
    <figure className="flex min-w-0 flex-col" aria-busy={data === undefined && failure === null}>
      <div className="flex items-start gap-2 px-4 pt-2">
        <Readout props={props} cursor={point.cursor} />
        {point.anchor !== null && props.onZoom !== undefined && (
          <Button size="small" onClick={point.zoomToSelection}>
            <ZoomIn aria-hidden className="size-3.5" /> Zoom to selection
          </Button>
        )}
        <Tools label={label} data={data} isTable={isTable} onTable={() => setTable(!isTable)} />
      </div>
      <div
        role="slider"
        tabIndex={0}
        aria-label={`${label}, point in time`}
        aria-roledescription="chart"
        aria-valuemin={0}
        aria-valuemax={Math.max(0, count - 1)}
        aria-valuenow={point.cursor ?? Math.max(0, count - 1)}
        aria-valuetext={describePoint(props, point.cursor ?? count - 1, timeZone)}
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
      <figcaption className="px-4 pt-1 pb-3 text-xs text-ink-mute">{caption}</figcaption>
      {failure !== null && (
        <div className="px-3 pb-3">
          <FailureStrip
            what={
              updatedAt === undefined || updatedAt === 0
                ? 'The chart could not be read.'
                : `Showing data from ${formatBucket(updatedAt - (updatedAt % 1000), timeZone)}.`
            }
            failure={failure}
            {...(onRetry === undefined ? {} : { onRetry })}
          />
        </div>
      )}
      {isTable && data !== undefined && <SeriesTable label={label} data={data} formatValue={props.formatValue} />}
    </figure>
  );
}
