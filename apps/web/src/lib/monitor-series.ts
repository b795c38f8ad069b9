import { useQuery } from '@tanstack/react-query';
import type { MonitorSeries } from '@tidemark/core/uptime/contract';
import type * as z from 'zod';
import { formatCount, formatDuration } from './format.ts';
import { useKept } from './kept.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './ranges.ts';
import type { Span } from './ranges.ts';
import { trpc } from './trpc.ts';
import type { Drawn } from './workload-series.ts';

type Series = z.infer<typeof MonitorSeries>;
type Point = Series['points'][number];

export const SERIES_BUCKET_MS = { '5min': 5 * MINUTE_MS, hour: HOUR_MS, day: DAY_MS } as const;
export const SERIES_BUCKET_WORD = { '5min': '5 minutes', hour: 'hour', day: 'day' } as const;

/** The finest bucket of which a stretch has a few hundred at most; 5 minutes are kept for eight days. */
function bucketOf(span: Span): Series['bucket'] {
  const length = span.to - span.from;
  if (length <= 36 * HOUR_MS && span.from > Date.now() - 7 * DAY_MS) return '5min';
  return length <= 21 * DAY_MS ? 'hour' : 'day';
}

/** Durations and failures of a monitor's runs over a stretch of time. */
export function useMonitorSeries(testId: string, span: Span): Drawn<Series> {
  const from = new Date(span.from).toISOString();
  const to = span.isSliding ? undefined : new Date(span.to).toISOString();
  const query = useQuery(trpc.monitors.series.queryOptions({ test_id: testId, bucket: bucketOf(span), from, to }));
  const kept = useKept(query, testId);
  return { ...kept, error: query.error, refetch: query.refetch };
}

function worst(points: readonly Point[], pick: (point: Point) => number | null): string {
  const known = points.flatMap((point) => pick(point) ?? []);
  return known.length === 0 ? '' : `up to ${formatDuration(Math.max(...known))}`;
}

/** Percentiles where buckets hold enough runs for them, else the mean and the slowest; failed runs as crosses. */
export function responseLines({ bucket, points }: Series) {
  const failed = points.reduce((sum, point) => sum + point.failed_runs, 0);
  const line = (of: { key: string; label: string; tone: 'violet' | 'blue' }, pick: (point: Point) => number | null) => ({
    ...of,
    values: points.map(pick),
    summary: worst(points, pick),
  });
  const durations =
    bucket === '5min'
      ? [
          line({ key: 'max_duration_ms', label: 'Slowest', tone: 'violet' }, (point) => point.max_duration_ms),
          line({ key: 'avg_duration_ms', label: 'Mean', tone: 'blue' }, (point) => point.avg_duration_ms),
        ]
      : [
          line({ key: 'p95_ms', label: 'p95', tone: 'violet' }, (point) => point.p95_ms),
          line({ key: 'p50_ms', label: 'p50', tone: 'blue' }, (point) => point.p50_ms),
        ];
  const marks = {
    key: 'failed_runs',
    label: 'Failed runs',
    tone: 'red' as const,
    isMark: true,
    values: points.map((point) => (point.total_runs === 0 ? null : point.failed_runs)),
    summary: formatCount(failed),
  };
  return { times: points.map((point) => Date.parse(point.bucket_at)), lines: [...durations, marks] };
}
