import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { Dashboard } from '@tidemark/core/dashboard/contract';
import type { ListMonitorsOutput } from '@tidemark/core/monitors/contract';
import type { QueueStats } from '@tidemark/core/publishing/contract';
import type { Stats } from '@tidemark/core/stats/contract';
import type { ListWorkersOutput } from '@tidemark/core/workers/contract';
import type { ListCausesOutput } from '@tidemark/core/workloads/contract';
import type { RouterOutputs } from '@tidemark/api';
import { onSecond, serverNow } from './clock.ts';
import { useLiveEvents, useLiveStatus } from './live/use-live.ts';
import { groupPaused } from './paused-accounts.ts';
import { rangeStart } from './ranges.ts';
import { readAgain } from './refresh.ts';
import { useThrottle } from './throttle.ts';
import { countTrouble, missingWorkers } from './trouble.ts';
import type { Trouble } from './trouble.ts';
import { trpc } from './trpc.ts';
import type { QueryResult } from './trpc.ts';

/** How often something that changes without an event, such as a heartbeat's age, is read again; never while paused. */
export function useRefreshMs(ms: number): number | false {
  const { mode } = useLiveStatus();
  return mode === 'paused' || mode === 'fixed' || mode === 'offline' ? false : ms;
}

/** Every worker. Liveness is the server's judgement of a heartbeat's age, so it is asked for again and again. */
export function useWorkers(): QueryResult<ListWorkersOutput> {
  return useQuery(trpc.workers.list.queryOptions({ limit: 500 }, { refetchInterval: useRefreshMs(5000) }));
}

/** Start of the last 24 hours, moving on once a minute. */
function useDayStart(): string {
  return useSyncExternalStore(onSecond, () => rangeStart('24h', serverNow()) ?? '');
}

/** Counts of the last 24 hours. */
export function useDayStats(): QueryResult<Stats> {
  const from = useDayStart();
  return useQuery(trpc.workloads.stats.queryOptions({ from }));
}

/** What makes the failed ones more or fewer. */
const CHANGES_CAUSES = new Set(['workload.failed', 'workload.retried', 'workload.deleted', 'gap']);

/** Reads counts again after events, at most once a second. Used once, by the shell. */
export function useFreshCounts(): void {
  const refreshWorkloads = useThrottle(() => void readAgain(trpc.workloads.stats.queryKey(), trpc.workloads.series.queryKey()), 1000);
  const refreshWorkers = useThrottle(() => void readAgain(trpc.workers.pathKey()), 1000);
  const refreshCauses = useThrottle(() => void readAgain(trpc.workloads.causes.queryKey()), 2000);
  useLiveEvents('workloads', (events, isResync) => {
    refreshWorkloads();
    if (isResync || events.some(({ type }) => CHANGES_CAUSES.has(type))) refreshCauses();
  });
  useLiveEvents('workers', refreshWorkers);
}

/** How all monitors stand, and the worst of them. */
export function useMonitorStates(): QueryResult<ListMonitorsOutput> {
  return useQuery(trpc.monitors.list.queryOptions({ order: 'urgent', limit: 5 }, { refetchInterval: useRefreshMs(10_000) }));
}

/** How many outages go on, and which monitors ran last. */
export function useDashboard(): QueryResult<Dashboard> {
  return useQuery(trpc.dashboard.get.queryOptions({}, { refetchInterval: useRefreshMs(10_000) }));
}

/** Why workloads created in the last 24 hours failed, the most frequent cause first. */
export function useCauses(): QueryResult<ListCausesOutput> {
  return useQuery(trpc.workloads.causes.queryOptions({ created_from: useDayStart(), limit: 200 }));
}

/** Accounts that publish nothing until somebody lets them. */
export function usePausedAccounts(): QueryResult<RouterOutputs['publishing']['platforms']['listAccounts']> {
  const refetchInterval = useRefreshMs(15_000);
  return useQuery(trpc.publishing.platforms.listAccounts.queryOptions({ status: 'paused', limit: 200 }, { refetchInterval }));
}

/** Everything in the publishing queue, and what became of it. */
export function usePublishingQueue(): QueryResult<QueueStats> {
  return useQuery(trpc.publishing.stats.queue.queryOptions({}, { refetchInterval: useRefreshMs(10_000) }));
}

/** What needs attention, for the navigation, the tab's title and its icon. */
export function useTrouble(): Trouble {
  const workers = useWorkers().data;
  const accounts = usePausedAccounts().data;
  return countTrouble({
    causes: useCauses().data,
    missing: workers && missingWorkers(workers.items),
    openCount: useDashboard().data?.open_outages,
    paused: accounts && groupPaused(accounts.items),
    unconfirmed: usePublishingQueue().data?.unconfirmed,
  });
}
