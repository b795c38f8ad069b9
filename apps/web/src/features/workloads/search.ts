import * as z from 'zod';
import { Isolation, ListWorkloadsInput, WorkloadStatus } from '@tidemark/core/workloads/contract';
import type { WorkloadFilter } from '@tidemark/core/workloads/contract';
import { rangeSearch, rangeStart } from '../../lib/ranges.ts';
import type { SearchOf } from '../../lib/search.ts';

const PAGE_SIZE = 50;

const fields = ListWorkloadsInput.shape;
const statusList = z.string().refine((value) => value.split(',').every((status) => WorkloadStatus.safeParse(status).success));

/** What the address of the list may say; everything in it can be shared and bookmarked. */
export const workloadSearch = {
  status: statusList,
  kind: fields.kind.unwrap(),
  queue: fields.queue.unwrap(),
  isolation: Isolation,
  worker: fields.worker_id.unwrap(),
  label: fields.label.unwrap(),
  q: fields.q.unwrap(),
  ...rangeSearch,
  cursor: fields.cursor.unwrap(),
  panel: z.literal('new'),
} satisfies Record<string, z.ZodType<string>>;
export type WorkloadSearch = SearchOf<typeof workloadSearch>;

/** Filters a reader can see and take away; a change of any of them leaves the page of the list. */
export const FILTER_KEYS = ['status', 'kind', 'queue', 'isolation', 'worker', 'label', 'q', 'range', 'from', 'to'] as const;

export function statusesOf(search: WorkloadSearch): WorkloadStatus[] {
  return (search.status ?? '').split(',').flatMap((status) => {
    const parsed = WorkloadStatus.safeParse(status);
    return parsed.success ? [parsed.data] : [];
  });
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
    isolation: Isolation.safeParse(search.isolation).data,
    worker_id: search.worker,
    label: search.label,
    q: search.q,
    created_from: from,
    created_to: to,
  };
}

/** The question to the server that an address stands for. */
export function toListInput(search: WorkloadSearch, now: number): z.input<typeof ListWorkloadsInput> {
  return { ...toFilter(search, now), cursor: search.cursor, limit: PAGE_SIZE };
}
