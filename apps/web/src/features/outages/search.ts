import type { OutageStatus } from '@tidemark/core/outages/contract';
import { isCursor, isId, namesOf, oneOf } from '../../lib/search-values.ts';
import type { Check } from '../../lib/search-values.ts';
import type { SearchOf } from '../../lib/search.ts';

/** What the address of the list may say. */
export const outageSearch = {
  status: oneOf(namesOf<OutageStatus>({ open: true, acknowledged: true, resolved: true })),
  monitor: isId,
  cursor: isCursor,
} satisfies Record<string, Check>;
export type OutageSearch = SearchOf<typeof outageSearch>;
