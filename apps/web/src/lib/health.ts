import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { Dashboard } from '@tidemark/core/dashboard/contract';
import type { ListMonitorsOutput } from '@tidemark/core/monitors/contract';
import type { Stats } from '@tidemark/core/stats/contract';
import type { ListWorkersOutput } from '@tidemark/core/workers/contract';
import { onSecond, serverNow } from './clock.ts';
import { useLiveEvents, useLiveStatus } from './live/use-live.ts';
import { rangeStart } from './ranges.ts';
import { readAgain } from './refresh.ts';
import { useThrottle } from './throttle.ts';
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
export function useDayStart(): string {
  return useSyncExternalStore(onSecond, () => rangeStart('24h', serverNow()) ?? '');
}

/** Counts of the last 24 hours. */
export function useDayStats(): QueryResult<Stats> {
  const from = useDayStart();
  return useQuery(trpc.workloads.stats.queryOptions({ from }));
}

/** Reads counts again after events, at most once a second. Used once, by the shell. */
export function useFreshCounts(): void {
  const refreshWorkloads = useThrottle(() => void readAgain(trpc.workloads.stats.queryKey(), trpc.workloads.series.queryKey()), 1000);
  const refreshWorkers = useThrottle(() => void readAgain(trpc.workers.pathKey()), 1000);
  useLiveEvents('workloads', refreshWorkloads);
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

export interface Trouble {
  /** Workloads created in the last 24 hours that failed. */
  failed: number;
  /** Workers that are lost or late. */
  workers: number;
  /** Monitors that are down. */
  monitors: number;
  /** Outages that go on. */
  outages: number;
}

/** What needs attention, for the navigation, the tab's title and its icon. Zero until it is known. */
export function useTrouble(): Trouble {
  const stats = useDayStats();
  const workers = useWorkers();
  const monitors = useMonitorStates();
  const dashboard = useDashboard();
  const isBad = (worker: { liveness: string }): boolean => worker.liveness === 'lost' || worker.liveness === 'late';
  return {
    failed: stats.data?.by_status.failed ?? 0,
    workers: workers.data?.items.filter(isBad).length ?? 0,
    monitors: monitors.data?.by_state?.down ?? 0,
    outages: dashboard.data?.open_outages ?? 0,
  };
}
