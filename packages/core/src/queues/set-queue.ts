import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import type { Queue, SetQueueInput } from './contract.ts';
import { getQueue } from './list-queues.ts';

async function announce(ctx: CoreContext, name: string): Promise<Queue> {
  await ctx.queues.refresh();
  const lanes = ctx.lanes.all().filter((lane) => lane.queue === name);
  ctx.hub.publish(['queues', 'workloads', ...lanes.map((lane) => `lane:${lane.id}`)]);
  return getQueue(ctx, { name });
}

/** Sets the limits given, leaves the others; null takes a limit away. Running work is never stopped by a lower limit. */
export async function setQueue(ctx: CoreContext, input: SetQueueInput): Promise<Queue> {
  const { name, ...limits } = input;
  const given = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
  await ctx.database.db
    .insertInto('queue')
    .values({ name, ...given })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ ...given, updated_at: sql`now()` }))
    .execute();
  return announce(ctx, name);
}

async function setPaused(ctx: CoreContext, name: string, isPaused: boolean): Promise<Queue> {
  await ctx.database.db
    .insertInto('queue')
    .values({ name, is_paused: isPaused })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ is_paused: isPaused, updated_at: sql`now()` }))
    .execute();
  return announce(ctx, name);
}

/** Nothing of the queue starts any more; what runs goes on. Idempotent. */
export function pauseQueue(ctx: CoreContext, input: { name: string }): Promise<Queue> {
  return setPaused(ctx, input.name, true);
}

/** Work of the queue starts again. Idempotent. */
export function resumeQueue(ctx: CoreContext, input: { name: string }): Promise<Queue> {
  return setPaused(ctx, input.name, false);
}
