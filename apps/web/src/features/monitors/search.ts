import * as z from 'zod';
import type { ListMonitorsInput, MonitorState as State } from '@tidemark/core/monitors/contract';
import { rangeSearch } from '../../lib/ranges.ts';
import type { SearchOf } from '../../lib/search.ts';

const PAGE_SIZE = 50;

// Every page loads this file: the contract's own schemas would bring the whole language of steps with them.
const MonitorState = z.enum(['down', 'unknown', 'maintenance', 'up', 'paused'] satisfies State[]);
const MonitorType = z.enum(['synthetic', 'heartbeat']);
const fields = {
  tag: z.string().regex(/^[^,\s\0]{1,64}$/),
  q: z.string().regex(/^[^\0]{1,200}$/),
  cursor: z.string().min(1).max(512),
};
const stateList = z.string().refine((value) => value.split(',').every((state) => MonitorState.safeParse(state).success));

/** Windows that the figures of the list are offered for. */
export const LIST_WINDOWS = [
  { value: '24h', label: 'Last 24 hours', hours: 24 },
  { value: '7d', label: 'Last 7 days', hours: 168 },
  { value: '30d', label: 'Last 30 days', hours: 720 },
  { value: '90d', label: 'Last 90 days', hours: 2160 },
] as const;
export const LIST_WINDOW = '24h';

/** What the address of the list may say; everything in it can be shared and bookmarked. */
export const monitorSearch = {
  state: stateList,
  type: MonitorType,
  tag: fields.tag,
  q: fields.q,
  range: z.enum(['24h', '7d', '30d', '90d']),
  cursor: fields.cursor,
  panel: z.enum(['new', 'import']),
} satisfies Record<string, z.ZodType<string>>;
export type MonitorSearch = SearchOf<typeof monitorSearch>;

/** Filters a reader can see and take away; a change of any of them leaves the page of the list. */
export const FILTER_KEYS = ['state', 'type', 'tag', 'q'] as const;

export function statesOf(search: MonitorSearch): State[] {
  return (search.state ?? '').split(',').flatMap((state) => MonitorState.safeParse(state).data ?? []);
}

export function hoursOf(search: MonitorSearch): number {
  return LIST_WINDOWS.find((window) => window.value === (search.range ?? LIST_WINDOW))?.hours ?? 24;
}

/** The question to the server that an address stands for. */
export function toListInput(search: MonitorSearch): z.input<typeof ListMonitorsInput> {
  const states = statesOf(search);
  return {
    order: 'urgent',
    state: states.length === 0 ? undefined : states,
    type: MonitorType.safeParse(search.type).data,
    tag: search.tag,
    q: search.q,
    cursor: search.cursor,
    limit: PAGE_SIZE,
  };
}

export const TABS = ['results', 'outages', 'steps', 'configuration', 'alerts'] as const;
export const Tab = z.enum(TABS);
export type Tab = z.infer<typeof Tab>;

/** What the address of one monitor may say. */
export const monitorDetailSearch = {
  ...rangeSearch,
  tab: Tab,
  outcome: z.enum(['passed', 'failed']),
  cursor: fields.cursor,
} satisfies Record<string, z.ZodType<string>>;

/** The time charts and figures of one monitor show when the address does not say. */
export const MONITOR_RANGE = '24h';
