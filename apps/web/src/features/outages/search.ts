import * as z from 'zod';
import type { OutageStatus } from '@tidemark/core/outages/contract';
import type { SearchOf } from '../../lib/search.ts';

/** What the address of the list may say. */
export const outageSearch = {
  status: z.enum(['open', 'acknowledged', 'resolved'] satisfies OutageStatus[]),
  monitor: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  cursor: z.string().min(1).max(512),
} satisfies Record<string, z.ZodType<string>>;
export type OutageSearch = SearchOf<typeof outageSearch>;
