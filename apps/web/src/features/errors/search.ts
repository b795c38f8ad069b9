import type { FailureDomain, FailureStatus } from '@tidemark/core/failures/contract';
import { isCursor, namesOf, oneOf } from '../../lib/search-values.ts';
import type { Check } from '../../lib/search-values.ts';
import type { SearchOf } from '../../lib/search.ts';

/** What the address of the page may say. Without a status it shows what is open. */
export const failureSearch = {
  status: oneOf(namesOf<FailureStatus | 'all'>({ open: true, resolved: true, ignored: true, all: true })),
  domain: oneOf(namesOf<FailureDomain>({ workload: true, monitor: true, publication: true })),
  cursor: isCursor,
} satisfies Record<string, Check>;
export type FailureSearch = SearchOf<typeof failureSearch>;
