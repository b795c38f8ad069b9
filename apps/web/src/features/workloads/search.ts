import type * as z from 'zod';
import type { Isolation, ListWorkloadsInput, WorkloadFilter, WorkloadStatus } from '@tidemark/core/workloads/contract';
import { rangeSearch, rangeStart } from '../../lib/ranges.ts';
import { isCursor, isId, isName, namesIn, namesOf, oneOf, someOf, textUpTo } from '../../lib/search-values.ts';
import type { Check } from '../../lib/search-values.ts';
import type { SearchOf } from '../../lib/search.ts';

const PAGE_SIZE = 50;

const STATUSES = namesOf<WorkloadStatus>({ pending: true, running: true, completed: true, failed: true, cancelled: true });
const ISOLATIONS = namesOf<Isolation>({ process: true, isolate: true, gvisor: true, microvm: true });

/** What the address of the list may say; everything in it can be shared and bookmarked. */
export const workloadSearch = {
  status: someOf(STATUSES),
  kind: isName,
  queue: isName,
  isolation: oneOf(ISOLATIONS),
  worker: isId,
  label: textUpTo(320),
  operation: isId,
  q: textUpTo(200),
  cause: textUpTo(300),
  ...rangeSearch,
  cursor: isCursor,
  panel: oneOf(['new']),
} satisfies Record<string, Check>;
export type WorkloadSearch = SearchOf<typeof workloadSearch>;

/** Filters a reader can see and take away; a change of any of them leaves the page of the list. */
export const FILTER_KEYS = [
  'status',
  'kind',
  'queue',
  'isolation',
  'worker',
  'label',
  'operation',
  'q',
  'cause',
  'range',
  'from',
  'to',
] as const;

export function statusesOf(search: WorkloadSearch): WorkloadStatus[] {
  return namesIn(search.status, STATUSES);
}

/** The created range in UTC; a sliding one ends now. */
export function createdRange(search: WorkloadSearch, now: number): { from: string | undefined; to: string | undefined } {
  if (search.range !== undefined) return { from: rangeStart(search.range, now), to: undefined };
  return { from: search.from, to: search.to };
}

/** What the filters of an address select; a sliding range ends at `now`. */
export function toFilter(search: WorkloadSearch, now: number): z.input<typeof WorkloadFilter> {
  const { from, to } = createdRange(search, now);
  const statuses = statusesOf(search);
  return {
    status: statuses.length === 0 ? undefined : statuses,
    kind: search.kind,
    queue: search.queue,
    isolation: namesIn(search.isolation, ISOLATIONS)[0],
    worker_id: search.worker,
    label: search.label,
    operation_id: search.operation,
    q: search.q,
    cause: search.cause,
    created_from: from,
    created_to: to,
  };
}

/** The question to the server that an address stands for. */
export function toListInput(search: WorkloadSearch, now: number): z.input<typeof ListWorkloadsInput> {
  return { ...toFilter(search, now), cursor: search.cursor, limit: PAGE_SIZE };
}
