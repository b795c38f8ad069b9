import * as z from 'zod';
import { FailureDomain, FailureStatus, ListFailuresInput } from '@tidemark/core/failures/contract';
import type { SearchOf } from '../../lib/search.ts';

/** What the address of the page may say. Without a status it shows what is open. */
export const failureSearch = {
  status: z.enum([...FailureStatus.options, 'all']),
  domain: FailureDomain,
  cursor: ListFailuresInput.shape.cursor.unwrap(),
} satisfies Record<string, z.ZodType<string>>;
export type FailureSearch = SearchOf<typeof failureSearch>;
