import * as z from 'zod';
import { CAMPAIGN_STATUSES } from '@tidemark/core/campaigns/contract';
import { PlatformKey } from '@tidemark/core/platforms/contract';
import { ListPublicationsInput, PublicationStatus, SubStatus } from '@tidemark/core/publications/contract';
import type { RangeSearch } from '../../lib/ranges.ts';
import { rangeSearch, rangeStart } from '../../lib/ranges.ts';
import type { SearchOf } from '../../lib/search.ts';

export const PIPELINE_RANGE = '24h';
const PAGE_SIZE = 50;
const fields = ListPublicationsInput.shape;

/** What the address of the queue may say. */
export const publicationSearch = {
  status: PublicationStatus,
  cause: SubStatus,
  platform: PlatformKey,
  campaign: fields.campaign_id.unwrap(),
  account: fields.social_account_id.unwrap(),
  ...rangeSearch,
  cursor: fields.cursor.unwrap(),
  panel: z.enum(['new', 'import']),
} satisfies Record<string, z.ZodType<string>>;
export type PublicationSearch = SearchOf<typeof publicationSearch>;

export const campaignSearch = { status: z.enum(CAMPAIGN_STATUSES) } satisfies Record<string, z.ZodType<string>>;

/** Filters a reader can see and take away. */
export const PUBLICATION_FILTERS = ['status', 'cause', 'platform', 'campaign', 'account', 'range', 'from', 'to'] as const;

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
    status: PublicationStatus.safeParse(search.status).data,
    sub_status: SubStatus.safeParse(search.cause).data,
    platform: search.platform,
    campaign_id: search.campaign,
    social_account_id: search.account,
    requested_from: from,
    requested_to: to,
  };
}

export function toPublicationInput(search: PublicationSearch, now: number): z.input<typeof ListPublicationsInput> {
  return { ...toPublicationFilter(search, now), cursor: search.cursor, limit: PAGE_SIZE };
}
