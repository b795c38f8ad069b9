import { useQuery } from '@tanstack/react-query';
import type { QueueStats } from '@tidemark/core/publishing/contract';
import type { Stats } from '@tidemark/core/stats/contract';
import type { ListWorkloadsOutput } from '@tidemark/core/workloads/contract';
import type { ListOutagesOutput, Outage } from '@tidemark/core/outages/contract';
import { useDayStart, useRefreshMs } from '../../lib/health.ts';
import { live } from '../../lib/live/hub.ts';
import { useLiveEvents } from '../../lib/live/use-live.ts';
import { useThrottle } from '../../lib/throttle.ts';
import { queryClient, trpc } from '../../lib/trpc.ts';
import type { QueryResult } from '../../lib/trpc.ts';

/** Counts of everything there is. */
export function useAllStats(): QueryResult<Stats> {
  return useQuery(trpc.workloads.stats.queryOptions({}));
}

/** Failures of the last 24 hours, newest first: enough of them to tell what they have in common. */
export function useFailures(): QueryResult<ListWorkloadsOutput> {
  return useQuery(trpc.workloads.list.queryOptions({ status: 'failed', created_from: useDayStart(), limit: 50 }));
}

/** Everything in the publishing queue, and what became of it. */
export function usePublishing(): QueryResult<QueueStats> {
  return useQuery(trpc.publishing.stats.queue.queryOptions({}, { refetchInterval: useRefreshMs(10_000) }));
}

/** Outages that go on, those nobody has taken first. */
export function useOpenOutages(): {
  items: Outage[] | undefined;
  error: QueryResult<ListOutagesOutput>['error'];
  refetch(): Promise<unknown>;
} {
  const refetchInterval = useRefreshMs(10_000);
  const open = useQuery(trpc.outages.list.queryOptions({ status: 'open', limit: 5 }, { refetchInterval }));
  const seen = useQuery(trpc.outages.list.queryOptions({ status: 'acknowledged', limit: 5 }, { refetchInterval }));
  return {
    items: open.data === undefined || seen.data === undefined ? undefined : [...open.data.items, ...seen.data.items].slice(0, 5),
    error: open.error ?? seen.error,
    refetch: () => Promise.all([open.refetch(), seen.refetch()]),
  };
}

/** The newest workloads, from which the latest changes are read. */
export function useRecent(): QueryResult<ListWorkloadsOutput> {
  return useQuery(trpc.workloads.list.queryOptions({ limit: 100 }));
}

/** Reads the lists of this page again after events, at most once in two seconds. */
export function useFreshLists(): void {
  const refresh = useThrottle(() => {
    if (!live.isHeld()) void queryClient.invalidateQueries({ queryKey: trpc.workloads.list.queryKey() });
  }, 2000);
  useLiveEvents('workloads', refresh);
}
