import { useQuery } from '@tanstack/react-query';
import type { QueueStats } from '@tidemark/core/publishing/contract';
import type { Stats } from '@tidemark/core/stats/contract';
import type { RouterOutputs } from '@tidemark/api';
import type { FailureCause, ListCausesOutput, ListWorkloadsOutput } from '@tidemark/core/workloads/contract';
import type { ListOutagesOutput, Outage } from '@tidemark/core/outages/contract';
import { useDayStart, useRefreshMs } from '../../lib/health.ts';
import { useLiveEvents } from '../../lib/live/use-live.ts';
import { readAgain } from '../../lib/refresh.ts';
import { useThrottle } from '../../lib/throttle.ts';
import { trpc } from '../../lib/trpc.ts';
import type { QueryResult } from '../../lib/trpc.ts';

/** Counts of everything there is. */
export function useAllStats(): QueryResult<Stats> {
  return useQuery(trpc.workloads.stats.queryOptions({}));
}

/** Why workloads created in the last 24 hours failed, the most frequent cause first. */
export function useCauses(): QueryResult<ListCausesOutput> {
  return useQuery(trpc.workloads.causes.queryOptions({ created_from: useDayStart(), limit: 200 }));
}

/** What was resolved or is ignored needs nobody. */
export function openCauses(causes: ListCausesOutput): FailureCause[] {
  return causes.items.filter(({ status }) => status === 'open');
}

/** Accounts that publish nothing until somebody lets them. */
export function usePausedAccounts(): QueryResult<RouterOutputs['publishing']['platforms']['listAccounts']> {
  const refetchInterval = useRefreshMs(15_000);
  return useQuery(trpc.publishing.platforms.listAccounts.queryOptions({ status: 'paused', limit: 200 }, { refetchInterval }));
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
  const refresh = useThrottle(() => void readAgain(trpc.workloads.list.queryKey(), trpc.workloads.causes.queryKey()), 2000);
  useLiveEvents('workloads', refresh);
}
