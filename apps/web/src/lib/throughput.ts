import { useQuery } from '@tanstack/react-query';
import type { Bucket, ThroughputOutput, ThroughputPoint } from '@tidemark/core/history/contract';
import { serverNow } from './clock.ts';
import { formatCount, UNKNOWN } from './format.ts';
import { useRefreshMs } from './health.ts';
import { useKept } from './kept.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './ranges.ts';
import type { Span } from './ranges.ts';
import { trpc } from './trpc.ts';
import type { Drawn } from './workload-series.ts';

/** The finest bucket of which a stretch has at most 600. */
function rateBucketOf(span: Span): Bucket {
  const length = span.to - span.from;
  if (length <= 9 * MINUTE_MS) return 'second';
  if (length <= 9 * HOUR_MS) return 'minute';
  return length <= 24 * DAY_MS ? 'hour' : 'day';
}

/** Keys per second over a stretch of time: of the fleet, of a worker or of a job. Read again every few seconds while live. */
export function useThroughput(span: Span, scope: { worker_id?: string; job_id?: string } = {}): Drawn<ThroughputOutput> {
  const from = new Date(span.from).toISOString();
  const to = span.isSliding ? undefined : new Date(span.to).toISOString();
  const refetchInterval = useRefreshMs(5000);
  const query = useQuery(trpc.workers.throughput.queryOptions({ ...scope, bucket: rateBucketOf(span), from, to }, { refetchInterval }));
  const kept = useKept(query, `${scope.worker_id ?? ''} ${scope.job_id ?? ''}`);
  return { ...kept, error: query.error, refetch: query.refetch };
}

/** 1.24 M/s · 18.3 k/s · 412/s · 0.4/s. */
export function formatRate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined) return UNKNOWN;
  const scaled = (value: number): string => (value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3))));
  if (perSecond >= 999_500) return `${scaled(perSecond / 1_000_000)} M/s`;
  if (perSecond >= 9995) return `${scaled(perSecond / 1000)} k/s`;
  return perSecond >= 10 ? `${formatCount(Math.round(perSecond))}/s` : `${Number(perSecond.toPrecision(2))}/s`;
}

/** How much went through, and how fast it was while something worked. A bucket that still grows has no rate yet: it would look like a fall. */
export function rateLines(points: readonly ThroughputPoint[], bucketMs: number) {
  const now = serverNow();
  const samples = points.reduce((total, point) => total + point.sample_count, 0);
  const keys = points.reduce((total, point) => total + (point.keys_scanned ?? 0), 0);
  return [
    {
      key: 'mean_keys_per_second',
      label: 'While working',
      tone: 'violet' as const,
      values: points.map((point) => point.mean_keys_per_second),
    },
    {
      key: 'keys_per_second',
      label: 'Keys per second',
      tone: 'blue' as const,
      values: points.map((point) => (Date.parse(point.at) + bucketMs > now ? null : point.keys_per_second)),
      summary: samples === 0 ? '' : `${formatCount(keys)} keys`,
    },
  ];
}

export function rateTimes(points: readonly ThroughputPoint[]): number[] {
  return points.map((point) => Date.parse(point.at));
}

export function countSamples(points: readonly ThroughputPoint[]): number {
  return points.reduce((total, point) => total + point.sample_count, 0);
}
