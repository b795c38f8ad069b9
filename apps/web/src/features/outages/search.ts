import type * as z from 'zod';
import { ListOutagesInput, OutageStatus } from '@tidemark/core/outages/contract';
import type { SearchOf } from '../../lib/search.ts';

/** What the address of the list may say. */
export const outageSearch = {
  status: OutageStatus,
  monitor: ListOutagesInput.shape.test_id.unwrap(),
  cursor: ListOutagesInput.shape.cursor.unwrap(),
} satisfies Record<string, z.ZodType<string>>;
export type OutageSearch = SearchOf<typeof outageSearch>;
