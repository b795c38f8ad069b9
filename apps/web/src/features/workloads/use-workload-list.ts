import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { WorkloadSummary } from '@tidemark/core/workloads/contract';
import type { RouterOutputs } from '@tidemark/api';
import type { StreamEvent } from '@tidemark/core/events/contract';
import { serverNow } from '../../lib/clock.ts';
import { live } from '../../lib/live/hub.ts';
import { useFixedRange, useLiveEvents } from '../../lib/live/use-live.ts';
import { hasEnded } from '../../lib/ranges.ts';
import { useThrottle } from '../../lib/throttle.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import type { QueryResult } from '../../lib/trpc.ts';
import { FILTER_KEYS, toListInput } from './search.ts';
import type { WorkloadSearch } from './search.ts';

type Page = RouterOutputs['workloads']['list'];
type Row = Page['items'][number];

export interface WorkloadList {
  query: QueryResult<Page>;
  /** Rows that belong above those shown and wait for the reader's consent. */
  newCount: number;
  showNew(): void;
}

/** Rows of `fresh` that belong above the last shown row that is still there, and are not shown yet. */
function countNew(shown: readonly { id: string }[], fresh: readonly { id: string }[]): number {
  const ids = new Set(shown.map((row) => row.id));
  const lastKnown = fresh.findLastIndex((row) => ids.has(row.id));
  const above = lastKnown === -1 ? fresh : fresh.slice(0, lastKnown);
  return above.filter((row) => !ids.has(row.id)).length;
}

/** Rows keep their place: those shown are updated, none comes or goes. */
function mergeRows(shown: Page, fresh: Page): Page {
  const byId = new Map(fresh.items.map((row) => [row.id, row]));
  return { ...shown, items: shown.items.map((row) => byId.get(row.id) ?? row) };
}

const Patch = WorkloadSummary.pick({
  id: true,
  status: true,
  status_reason: true,
  worker_id: true,
  attempt: true,
  exit_code: true,
  signal: true,
  error: true,
  duration_ms: true,
  started_at: true,
  finished_at: true,
}).partial();

/** The fields an event carries, without those it leaves out. */
function readPatch(event: StreamEvent): Partial<Row> {
  const patch = Patch.safeParse(event.data);
  return patch.success ? (Object.fromEntries(Object.entries(patch.data).filter(([, value]) => value !== undefined)) as Partial<Row>) : {};
}

/** Applies what events say about the rows shown. */
function patchRows(shown: Page, events: readonly StreamEvent[]): Page {
  const patches = new Map<string, Partial<Row>>();
  for (const event of events) {
    const patch = readPatch(event);
    if (patch.id !== undefined) patches.set(patch.id, { ...patches.get(patch.id), ...patch });
  }
  if (!shown.items.some((row) => patches.has(row.id))) return shown;
  return { ...shown, items: shown.items.map((row) => ({ ...row, ...patches.get(row.id) })) };
}

/** One page of the list. Rows update in place; new ones are counted, and appear when asked for. */
export function useWorkloadList(search: WorkloadSearch): WorkloadList {
  const filterKey = FILTER_KEYS.map((key) => search[key] ?? '').join('\n') + (search.cursor ?? '');
  // A sliding range stands still while its page is open, else the rows would move under the reader.
  const [anchor, setAnchor] = useState(() => ({ key: filterKey, now: serverNow(), newCount: 0 }));
  let current = anchor;
  if (anchor.key !== filterKey) {
    current = { key: filterKey, now: serverNow(), newCount: 0 };
    setAnchor(current);
  }
  const input = toListInput(search, current.now);
  useFixedRange(hasEnded(search, current.now));
  const options = trpc.workloads.list.queryOptions(input, {
    staleTime: Infinity,
    refetchOnMount: 'always',
    refetchOnReconnect: false,
    refetchOnWindowFocus: false,
  });
  const query = useQuery(options);

  const hasMissed = useRef(false);
  const refresh = useThrottle(() => {
    const shown = queryClient.getQueryData(options.queryKey);
    // The first answer may have been made before the event: look again once it is here.
    hasMissed.current = shown === undefined;
    if (shown === undefined || live.isHeld()) return;
    void client.workloads.list.query(input).then(
      (fresh) => {
        if (live.isHeld()) return;
        const isEmpty = shown.items.length === 0;
        queryClient.setQueryData(options.queryKey, (now) => (now === undefined || isEmpty ? fresh : mergeRows(now, fresh)));
        if (search.cursor === undefined)
          setAnchor((last) => (last.key === filterKey ? { ...last, newCount: isEmpty ? 0 : countNew(shown.items, fresh.items) } : last));
      },
      () => undefined,
    );
  }, 1000);

  const isAnswered = query.isSuccess && !query.isPlaceholderData;
  useEffect(() => {
    if (isAnswered && hasMissed.current) refresh();
  }, [isAnswered, refresh]);

  useLiveEvents('workloads', (events, isResync) => {
    if (events.length > 0) queryClient.setQueryData(options.queryKey, (shown) => shown && patchRows(shown, events));
    if (events.length > 0 || isResync) refresh();
  });

  const showNew = (): void => {
    setAnchor({ key: filterKey, now: serverNow(), newCount: 0 });
    void queryClient.invalidateQueries({ queryKey: trpc.workloads.list.queryKey() });
  };
  return { query, newCount: current.newCount, showNew };
}
