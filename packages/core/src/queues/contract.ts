import * as z from 'zod';
import { Cursor, limit, Name } from '../contract.ts';

/** What an operator decided for a queue, and what it holds now. A queue without settings has no limits. */
export const Queue = z
  .object({
    name: z.string(),
    is_paused: z.boolean(),
    concurrency: z.int().nullable().describe('Workloads of this queue that run at once, at most; hard, over all servers.'),
    key_concurrency: z.int().nullable().describe('The same per `concurrency_key`.'),
    rate_per_minute: z.number().nullable().describe('Starts per minute, as a token bucket.'),
    rate_burst: z.int().nullable().describe('Size of the bucket; default: one second of the rate, at least 1.'),
    pending: z.int(),
    running: z.int(),
  })
  .meta({ id: 'Queue' });
export type Queue = z.infer<typeof Queue>;

export const SetQueueInput = z.strictObject({
  name: Name,
  concurrency: z.int().min(0).max(1_000_000).nullable().optional(),
  key_concurrency: z.int().min(1).max(1_000_000).nullable().optional(),
  rate_per_minute: z.number().positive().max(1_000_000_000).nullable().optional(),
  rate_burst: z.int().min(1).max(1_000_000).nullable().optional(),
});
export type SetQueueInput = z.infer<typeof SetQueueInput>;

export const QueueInput = z.strictObject({ name: Name });
export const ListQueuesInput = z.strictObject({ limit: limit(100, 500), cursor: Cursor.optional() });
export type ListQueuesInput = z.infer<typeof ListQueuesInput>;
export const ListQueuesOutput = z.object({ items: z.array(Queue), next_cursor: z.string().nullable() });
export type ListQueuesOutput = z.infer<typeof ListQueuesOutput>;
