import { sql } from 'kysely';
import { decodeCursor, encodeCursor } from '../cursors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { ListQueuesInput, ListQueuesOutput, Queue } from './contract.ts';

interface LaneCounts {
  lane_id: number;
  pending: number;
  running: number;
}

async function countsByQueue(ctx: CoreContext): Promise<Map<string, { pending: number; running: number }>> {
  const { rows } =
    await sql<LaneCounts>`select lane_id, sum(pending)::bigint as pending, sum(running)::bigint as running from counter group by lane_id`.execute(
      ctx.database.db,
    );
  const counts = new Map<string, { pending: number; running: number }>();
  for (const row of rows) {
    const { queue } = await ctx.lanes.get(row.lane_id);
    const known = counts.get(queue) ?? { pending: 0, running: 0 };
    counts.set(queue, { pending: known.pending + row.pending, running: known.running + row.running });
  }
  return counts;
}

function toQueue(ctx: CoreContext, name: string, counts: { pending: number; running: number } | undefined): Queue {
  const settings = ctx.queues.find(name);
  return {
    name,
    is_paused: settings?.is_paused ?? false,
    concurrency: settings?.concurrency ?? null,
    key_concurrency: settings?.key_concurrency ?? null,
    rate_per_minute: settings?.rate_per_minute ?? null,
    rate_burst: (settings?.rate_per_minute ?? null) === null ? null : (settings?.burst ?? null),
    pending: counts?.pending ?? 0,
    running: counts?.running ?? 0,
  };
}

/** Every queue that has settings or ever had work, by name. */
export async function listQueues(ctx: CoreContext, input: ListQueuesInput): Promise<ListQueuesOutput> {
  const after = input.cursor === undefined ? '' : decodeCursor('queues', input.cursor);
  const counts = await countsByQueue(ctx);
  const names = new Set([...ctx.lanes.all().map((lane) => lane.queue), ...ctx.queues.names()]);
  const sorted = [...names].filter((name) => name > after).sort();
  const page = sorted.slice(0, input.limit);
  const last = page.at(-1);
  return {
    items: page.map((name) => toQueue(ctx, name, counts.get(name))),
    next_cursor: sorted.length > input.limit && last !== undefined ? encodeCursor('queues', last) : null,
  };
}

/** One queue; a name that was never used is an empty queue without limits. */
export async function getQueue(ctx: CoreContext, input: { name: string }): Promise<Queue> {
  const counts = await countsByQueue(ctx);
  return toQueue(ctx, input.name, counts.get(input.name));
}
