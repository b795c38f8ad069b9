import type * as z from 'zod';
import type { ListMonitorsInput, MonitorState } from '@tidemark/core/monitors/contract';
import { rangeSearch } from '../../lib/ranges.ts';
import { isCursor, matching, namesIn, namesOf, oneOf, someOf, textUpTo } from '../../lib/search-values.ts';
import type { Check } from '../../lib/search-values.ts';
import type { SearchOf } from '../../lib/search.ts';

const PAGE_SIZE = 50;

const STATES = namesOf<MonitorState>({ down: true, unknown: true, maintenance: true, up: true, paused: true });
const TYPES = namesOf<NonNullable<z.input<typeof ListMonitorsInput>['type']>>({ synthetic: true, heartbeat: true });

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
  state: someOf(STATES),
  type: oneOf(TYPES),
  tag: matching(/^[^,\s\0]{1,64}$/),
  q: textUpTo(200),
  range: oneOf(LIST_WINDOWS.map((window) => window.value)),
  cursor: isCursor,
  panel: oneOf(['new', 'curl', 'import']),
} satisfies Record<string, Check>;
export type MonitorSearch = SearchOf<typeof monitorSearch>;

/** Filters a reader can see and take away; a change of any of them leaves the page of the list. */
export const FILTER_KEYS = ['state', 'type', 'tag', 'q'] as const;

export function statesOf(search: MonitorSearch): MonitorState[] {
  return namesIn(search.state, STATES);
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
    type: namesIn(search.type, TYPES)[0],
    tag: search.tag,
    q: search.q,
    cursor: search.cursor,
    limit: PAGE_SIZE,
  };
}

export const TABS = ['results', 'outages', 'steps', 'configuration', 'alerts'] as const;
export type Tab = (typeof TABS)[number];

/** What the address of one monitor may say. */
export const monitorDetailSearch = {
  ...rangeSearch,
  tab: oneOf(TABS),
  outcome: oneOf(['passed', 'failed']),
  cursor: isCursor,
} satisfies Record<string, Check>;

/** The time charts and figures of one monitor show when the address does not say. */
export const MONITOR_RANGE = '24h';
