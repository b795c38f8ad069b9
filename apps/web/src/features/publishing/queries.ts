import { useQuery } from '@tanstack/react-query';
import type { PlatformKey } from '@tidemark/core/platforms/contract';
import type { PublicationSeries } from '@tidemark/core/publishing/contract';
import { formatCount, formatDuration } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { useKept } from '../../lib/kept.ts';
import { useLiveEvents } from '../../lib/live/use-live.ts';
import type { Span } from '../../lib/ranges.ts';
import { readAgain } from '../../lib/refresh.ts';
import { useThrottle } from '../../lib/throttle.ts';
import { queryClient, trpc } from '../../lib/trpc.ts';
import { bucketOf, type Drawn } from '../../lib/workload-series.ts';

/** Changes come as events; ages and what becomes due change without one. */
export const REFRESH_MS = 15_000;

function windowOf(span: Span): { from: string; to?: string } {
  const from = new Date(span.from).toISOString();
  return span.isSliding ? { from } : { from, to: new Date(span.to).toISOString() };
}

export function refreshPublishing(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: trpc.publishing.pathKey() });
}

/** Reads what a page shows of publishing again after changes, at most every two seconds: rows must not run under the reader. */
export function useFreshPublishing(everyMs = 2000): void {
  const refresh = useThrottle(() => void readAgain(trpc.publishing.pathKey()), everyMs);
  useLiveEvents('publications', refresh);
}

/** Figures of what was requested in a stretch of time, of one platform or of all. */
export function useQueueStats(span: Span | null, platform?: PlatformKey) {
  const refetchInterval = useRefreshMs(REFRESH_MS);
  const input = { ...(span === null ? {} : windowOf(span)), ...(platform === undefined ? {} : { platform }) };
  return useQuery(trpc.publishing.stats.queue.queryOptions(input, { refetchInterval }));
}

export function useOrchestrator() {
  return useQuery(trpc.publishing.stats.orchestrator.queryOptions({}, { refetchInterval: useRefreshMs(REFRESH_MS) }));
}

export function usePlatforms() {
  return useQuery(trpc.publishing.platforms.list.queryOptions({}));
}

/** Publications created, published and failed per bucket. */
export function usePublicationSeries(span: Span, platform?: PlatformKey): Drawn<PublicationSeries> {
  const bucket = bucketOf(span);
  const query = useQuery(
    trpc.publishing.stats.series.queryOptions(
      { ...windowOf(span), bucket, ...(platform === undefined ? {} : { platform }) },
      { refetchInterval: useRefreshMs(REFRESH_MS) },
    ),
  );
  const kept = useKept(query, platform ?? '');
  return { ...kept, error: query.error, refetch: query.refetch };
}

type Points = PublicationSeries['points'];

export function publicationTimes(points: Points): number[] {
  return points.map((point) => Date.parse(point.bucket_at));
}

/** How publications ended; failures stand on the axis, where they are seen first. */
export function endLines(points: Points) {
  const total = (key: 'failed' | 'succeeded'): string => formatCount(points.reduce((sum, point) => sum + point[key], 0));
  return [
    { key: 'failed', label: 'Failed', tone: 'red' as const, values: points.map((point) => point.failed), summary: total('failed') },
    {
      key: 'succeeded',
      label: 'Published',
      tone: 'green' as const,
      values: points.map((point) => point.succeeded),
      summary: total('succeeded'),
    },
  ];
}

/** Mean time from request to publication; a bucket without a success is a gap. */
export function timeLines(points: Points) {
  const known = points.flatMap((point) => point.avg_processing_time_ms ?? []);
  const summary = known.length === 0 ? '' : `up to ${formatDuration(Math.max(...known))}`;
  return [
    {
      key: 'avg_processing_time_ms',
      label: 'Mean',
      tone: 'blue' as const,
      values: points.map((point) => point.avg_processing_time_ms),
      summary,
    },
  ];
}

/** Share of success among what is over; null when nothing is. */
export function successShare(stats: { success: number; failed: number }): number | null {
  const ended = stats.success + stats.failed;
  return ended === 0 ? null : stats.success / ended;
}

/** One decimal, floored: 100 % only when nothing failed. */
export function formatShare(share: number | null): string {
  return share === null ? '—' : `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}
