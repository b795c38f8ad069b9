import { useQuery } from '@tanstack/react-query';
import type { Stats } from '@tidemark/core/stats/contract';
import type { FailureCause, ListCausesOutput, ListWorkloadsOutput } from '@tidemark/core/workloads/contract';
import type { ListOutagesOutput, Outage } from '@tidemark/core/outages/contract';
import { useRefreshMs } from '../../lib/health.ts';
import { useLiveEvents } from '../../lib/live/use-live.ts';
import { readAgain } from '../../lib/refresh.ts';
import { useThrottle } from '../../lib/throttle.ts';
import { trpc } from '../../lib/trpc.ts';
import type { QueryResult } from '../../lib/trpc.ts';

/** Counts of everything there is. */
export function useAllStats(): QueryResult<Stats> {
  return useQuery(trpc.workloads.stats.queryOptions({}));
}

/** What was resolved or is ignored needs nobody. */
export function openCauses(causes: ListCausesOutput): FailureCause[] {
  return causes.items.filter(({ status }) => status === 'open');
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
  const refresh = useThrottle(() => void readAgain(trpc.workloads.list.queryKey()), 2000);
  useLiveEvents('workloads', refresh);
}
