import type * as z from 'zod';
import type { CampaignStatus } from '@tidemark/core/campaigns/contract';
import type { PlatformKey } from '@tidemark/core/platforms/contract';
import type { ListPublicationsInput, PublicationStatus, SubStatus } from '@tidemark/core/publications/contract';
import type { RangeSearch } from '../../lib/ranges.ts';
import { rangeSearch, rangeStart } from '../../lib/ranges.ts';
import { isCursor, isId, isTimestamp, namesIn, namesOf, oneOf } from '../../lib/search-values.ts';
import type { Check } from '../../lib/search-values.ts';
import type { SearchOf } from '../../lib/search.ts';

export const PIPELINE_RANGE = '24h';
const PAGE_SIZE = 50;
const STATUSES = namesOf<PublicationStatus>({
  pending: true,
  scheduled: true,
  processing: true,
  success: true,
  failed: true,
  cancelled: true,
});
const CAUSES = namesOf<SubStatus>({
  unconfirmed: true,
  missed: true,
  auth: true,
  content: true,
  rate_limited: true,
  transient: true,
  connector: true,
  awaiting_result: true,
  reported: true,
});
const PLATFORMS = namesOf<PlatformKey>({ instagram: true, tiktok: true, youtube: true, other: true });
const CAMPAIGN_STATUSES = namesOf<CampaignStatus>({ draft: true, active: true, paused: true, completed: true });

/** What an address may say of a calendar: that it is shown, and which month or week. */
export const calendarSearch = {
  view: oneOf(['calendar']),
  span: oneOf(['month', 'week']),
  at: (day) => isTimestamp(`${day}T00:00:00Z`) && day < '2200',
} satisfies Record<string, Check>;
export type CalendarSearch = SearchOf<typeof calendarSearch>;

/** What the address of the queue may say. */
export const publicationSearch = {
  status: oneOf(STATUSES),
  cause: oneOf(CAUSES),
  platform: oneOf(PLATFORMS),
  campaign: isId,
  account: isId,
  timing: oneOf(['scheduled', 'unscheduled']),
  due_from: isTimestamp,
  due_to: isTimestamp,
  ...calendarSearch,
  ...rangeSearch,
  cursor: isCursor,
  panel: oneOf(['new', 'import']),
} satisfies Record<string, Check>;
export type PublicationSearch = SearchOf<typeof publicationSearch>;

export const campaignSearch = { status: oneOf(CAMPAIGN_STATUSES) } satisfies Record<string, Check>;

/** Filters a reader can see and take away. */
export const PUBLICATION_FILTERS = [
  'status',
  'cause',
  'platform',
  'campaign',
  'account',
  'timing',
  'due_from',
  'due_to',
  'range',
  'from',
  'to',
] as const;

/** Requested then, in UTC; a sliding range ends now. */
function requestedRange(search: RangeSearch, now: number): { from: string | undefined; to: string | undefined } {
  if (search.range !== undefined) return { from: rangeStart(search.range, now), to: undefined };
  return { from: search.from, to: search.to };
}

/** The question to the server that an address stands for. */
export function toPublicationFilter(
  search: PublicationSearch,
  now: number,
): Omit<z.input<typeof ListPublicationsInput>, 'limit' | 'cursor'> {
  const { from, to } = requestedRange(search, now);
  return {
    status: namesIn(search.status, STATUSES)[0],
    sub_status: namesIn(search.cause, CAUSES)[0],
    platform: search.platform,
    campaign_id: search.campaign,
    social_account_id: search.account,
    requested_from: from,
    requested_to: to,
    due_from: search.due_from,
    due_to: search.due_to,
    is_scheduled: search.timing === undefined ? undefined : search.timing === 'scheduled',
  };
}

export function toPublicationInput(search: PublicationSearch, now: number): z.input<typeof ListPublicationsInput> {
  return { ...toPublicationFilter(search, now), cursor: search.cursor, limit: PAGE_SIZE };
}
