import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { RouterOutputs } from '@tidemark/api';
import { useRefreshMs } from '../../lib/health.ts';
import { live } from '../../lib/live/hub.ts';
import { useLiveEvents } from '../../lib/live/use-live.ts';
import { useThrottle } from '../../lib/throttle.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import type { QueryResult } from '../../lib/trpc.ts';
import { hoursOf, toListInput } from './search.ts';
import type { MonitorSearch } from './search.ts';

type Page = RouterOutputs['monitors']['list'];
export type MonitorGlance = RouterOutputs['monitors']['glance']['items'][number];

export interface MonitorList {
  query: QueryResult<Page>;
  glances: ReadonlyMap<string, MonitorGlance>;
  /** Another order, or other monitors, wait for the reader's consent. */
  isMoved: boolean;
  showMoved(): void;
}

/** What a page shows now, in the order it was shown in. */
async function readAgain(shown: Page, input: ReturnType<typeof toListInput>): Promise<{ page: Page; isMoved: boolean }> {
  const ids = shown.items.map((monitor) => monitor.id);
  const [fresh, same] = await Promise.all([
    client.monitors.list.query(input),
    ids.length === 0 ? null : client.monitors.list.query({ ids, order: 'urgent', limit: 200 }),
  ]);
  if (same === null) return { page: fresh, isMoved: false };
  const byId = new Map(same.items.map((monitor) => [monitor.id, monitor]));
  const items = shown.items.flatMap((monitor) => byId.get(monitor.id) ?? []);
  const isMoved = fresh.items.map((monitor) => monitor.id).join() !== items.map((monitor) => monitor.id).join();
  return { page: { ...fresh, next_cursor: shown.next_cursor, items }, isMoved };
}

function useGlances(ids: readonly string[], hours: number): ReadonlyMap<string, MonitorGlance> {
  const { data } = useQuery(
    trpc.monitors.glance.queryOptions({ test_ids: [...ids], hours }, { enabled: ids.length > 0, refetchInterval: useRefreshMs(30_000) }),
  );
  return new Map((data?.items ?? []).map((item) => [item.test_id, item]));
}

/** One page of the list. Rows update where they stand; a new order is offered, never forced. */
export function useMonitorList(search: MonitorSearch): MonitorList {
  const input = toListInput(search);
  const key = JSON.stringify(input);
  const [moved, setMoved] = useState({ key, isMoved: false });
  const options = trpc.monitors.list.queryOptions(input, {
    staleTime: Infinity,
    refetchOnMount: 'always',
    refetchOnReconnect: false,
    refetchOnWindowFocus: false,
  });
  const query = useQuery(options);
  const hasMissed = useRef(false);
  const refresh = useThrottle(() => {
    const shown = queryClient.getQueryData(options.queryKey);
    hasMissed.current = shown === undefined;
    if (shown === undefined || live.isHeld()) return;
    void readAgain(shown, input).then(
      ({ page, isMoved }) => {
        if (live.isHeld()) return;
        // What was read again meanwhile by somebody's wish is newer than this.
        if (queryClient.getQueryData(options.queryKey) !== shown) return;
        queryClient.setQueryData(options.queryKey, page);
        setMoved({ key, isMoved });
      },
      () => undefined,
    );
  }, 1500);
  const isAnswered = query.isSuccess && !query.isPlaceholderData;
  useEffect(() => {
    if (isAnswered && hasMissed.current) refresh();
  }, [isAnswered, refresh]);
  const refreshGlances = useThrottle(() => {
    if (!live.isHeld()) void queryClient.invalidateQueries({ queryKey: trpc.monitors.glance.queryKey() });
  }, 5000);
  useLiveEvents('monitors', (events, isResync) => {
    if (events.length === 0 && !isResync) return;
    refresh();
    refreshGlances();
  });
  const ids = (query.data?.items ?? []).map((monitor) => monitor.id);
  return {
    query,
    glances: useGlances(ids, hoursOf(search)),
    isMoved: moved.key === key && moved.isMoved,
    showMoved: () => {
      setMoved({ key, isMoved: false });
      void queryClient.invalidateQueries({ queryKey: trpc.monitors.list.queryKey() });
    },
  };
}
