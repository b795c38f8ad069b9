import { useQuery } from '@tanstack/react-query';
import type { Stats } from '@tidemark/core/stats/contract';
import type { ListWorkloadsOutput } from '@tidemark/core/workloads/contract';
import { useDayStart } from '../../lib/health.ts';
import { live } from '../../lib/live/hub.ts';
import { useLiveEvents } from '../../lib/live/use-live.ts';
import { useThrottle } from '../../lib/throttle.ts';
import { queryClient, trpc } from '../../lib/trpc.ts';
import type { QueryResult } from '../../lib/trpc.ts';

/** Counts of everything there is. */
export function useAllStats(): QueryResult<Stats> {
  return useQuery(trpc.workloads.stats.queryOptions({}));
}

/** Failures of the last 24 hours, newest first. */
export function useFailures(): QueryResult<ListWorkloadsOutput> {
  return useQuery(trpc.workloads.list.queryOptions({ status: 'failed', created_from: useDayStart(), limit: 5 }));
}

/** The newest workloads, from which the latest changes are read. */
export function useRecent(): QueryResult<ListWorkloadsOutput> {
  return useQuery(trpc.workloads.list.queryOptions({ limit: 20 }));
}

/** Reads the lists of this page again after events, at most once in two seconds. */
export function useFreshLists(): void {
  const refresh = useThrottle(() => {
    if (!live.isHeld()) void queryClient.invalidateQueries({ queryKey: trpc.workloads.list.queryKey() });
  }, 2000);
  useLiveEvents('workloads', refresh);
}
