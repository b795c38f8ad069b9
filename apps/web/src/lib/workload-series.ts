import { useQuery } from '@tanstack/react-query';
import type { Series, SeriesInput, SeriesPoint } from '@tidemark/core/stats/contract';
import { formatCount, formatDuration } from './format.ts';
import { useKept } from './kept.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './ranges.ts';
import type { Span } from './ranges.ts';
import { trpc } from './trpc.ts';
import type { QueryResult } from './trpc.ts';

export const BUCKET_MS = { second: 1000, minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS } as const;

/** The finest bucket that still gives a drawing one can read. */
export function bucketOf(span: Span): SeriesInput['bucket'] {
  const length = span.to - span.from;
  if (length <= 8 * HOUR_MS) return 'minute';
  return length <= 21 * DAY_MS ? 'hour' : 'day';
}

/** What a chart needs of a query: its data may be older than its error. */
export type Drawn<Data> = Pick<QueryResult<Data>, 'error' | 'refetch'> & { data: Data | undefined; dataUpdatedAt: number };

/** Counts and durations per bucket over a stretch of time. */
export function useSeries(span: Span, filter: { kind?: string | undefined; queue?: string | undefined } = {}): Drawn<Series> {
  const from = new Date(span.from).toISOString();
  const to = span.isSliding ? undefined : new Date(span.to).toISOString();
  const { kind, queue } = filter;
  const query = useQuery(trpc.workloads.series.queryOptions({ bucket: bucketOf(span), from, to, kind, queue }));
  const kept = useKept(query, `${kind ?? ''} ${queue ?? ''}`);
  return { ...kept, error: query.error, refetch: query.refetch };
}

function sum(points: readonly SeriesPoint[], pick: (point: SeriesPoint) => number): number {
  return points.reduce((total, point) => total + pick(point), 0);
}

/** How workloads ended, per bucket; failures stand on the axis, where they are seen first. */
export function outcomeLines(points: readonly SeriesPoint[]) {
  const line = (key: 'failed' | 'cancelled' | 'completed', label: string, tone: 'red' | 'grey' | 'green') => ({
    key,
    label,
    tone,
    values: points.map((point) => point[key]),
    summary: formatCount(sum(points, (point) => point[key])),
  });
  return [line('failed', 'Failed', 'red'), line('cancelled', 'Cancelled', 'grey'), line('completed', 'Completed', 'green')];
}

/** Percentiles of the durations of attempts; buckets in which none ended are gaps. */
export function durationLines(points: readonly SeriesPoint[]) {
  const worst = (key: 'p50' | 'p95' | 'p99'): string => {
    const known = points.flatMap((point) => point.duration_ms[key] ?? []);
    return known.length === 0 ? '' : `up to ${formatDuration(Math.max(...known))}`;
  };
  const line = (key: 'p50' | 'p95' | 'p99', label: string, tone: 'blue' | 'violet' | 'amber') => ({
    key: `${key}_ms`,
    label,
    tone,
    values: points.map((point) => point.duration_ms[key]),
    summary: worst(key),
  });
  return [line('p99', 'p99', 'amber'), line('p95', 'p95', 'violet'), line('p50', 'p50', 'blue')];
}

export function countDurations(points: readonly SeriesPoint[]): number {
  return sum(points, (point) => point.duration_ms.count);
}

export function timesOf(points: readonly SeriesPoint[]): number[] {
  return points.map((point) => Date.parse(point.bucket_start));
}
