import { sql } from 'kysely';
import { decodeCursor, encodeCursor } from '../cursors.ts';
import { AppError, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import { getChannel } from './channels.ts';
import type { Delivery, ListDeliveriesInput, ListDeliveriesOutput } from './contract.ts';
import { DELIVERIES_TOPIC } from './queue-notices.ts';

function selectDeliveries(ctx: CoreContext) {
  return ctx.database.db
    .selectFrom('delivery')
    .innerJoin('channel', 'channel.id', 'delivery.channel_id')
    .select([
      'delivery.id',
      'delivery.channel_id',
      'channel.name as channel_name',
      'delivery.outage_id',
      'delivery.test_id',
      'delivery.alert_id',
      'delivery.kind',
    ])
    .select([
      'delivery.status',
      'delivery.attempts',
      'delivery.next_try_at',
      'delivery.last_error',
      'delivery.created_at',
      'delivery.delivered_at',
    ]);
}

async function getDelivery(ctx: CoreContext, id: string): Promise<Delivery> {
  const row = await selectDeliveries(ctx).where('delivery.id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('delivery', id);
  return row;
}

/** The ledger, newest first. */
export async function listDeliveries(ctx: CoreContext, input: ListDeliveriesInput): Promise<ListDeliveriesOutput> {
  let query = selectDeliveries(ctx)
    .orderBy('delivery.id', 'desc')
    .limit(input.limit + 1);
  if (input.channel_id !== undefined) query = query.where('delivery.channel_id', '=', input.channel_id);
  if (input.outage_id !== undefined) query = query.where('delivery.outage_id', '=', input.outage_id);
  if (input.test_id !== undefined) query = query.where('delivery.test_id', '=', input.test_id);
  if (input.alert_id !== undefined) query = query.where('delivery.alert_id', '=', input.alert_id);
  if (input.status !== undefined) query = query.where('delivery.status', '=', input.status);
  if (input.cursor !== undefined) query = query.where('delivery.id', '<', decodeCursor('deliveries', input.cursor));
  const rows = await query.execute();
  const page = rows.slice(0, input.limit);
  const last = page.at(-1);
  return { items: page, next_cursor: rows.length > input.limit && last !== undefined ? encodeCursor('deliveries', last.id) : null };
}

/** Queues a test notice for a channel, also one that is switched off; the ledger shows what became of it. @throws {AppError} NOT_FOUND */
export async function testChannel(ctx: CoreContext, input: { id: string }): Promise<Delivery> {
  const channel = await getChannel(ctx, input);
  const id = newId('dlv', ctx.now());
  await ctx.database.db
    .insertInto('delivery')
    .values({ id, channel_id: channel.id, outage_id: null, test_id: null, kind: 'test', status: 'queued', next_try_at: sql<string>`now()` })
    .execute();
  ctx.hub.publish([DELIVERIES_TOPIC]);
  return getDelivery(ctx, id);
}

/** Tries a delivery that failed or waits again, at once. @throws {AppError} NOT_FOUND, INVALID_TRANSITION when it is delivered or on its way */
export async function retryDelivery(ctx: CoreContext, input: { id: string }): Promise<Delivery> {
  const moved = await ctx.database.db
    .updateTable('delivery')
    .set({ status: 'queued', next_try_at: sql<string>`now()` })
    .where('id', '=', input.id)
    .where('status', 'in', ['queued', 'failed'])
    .returning('id')
    .executeTakeFirst();
  const delivery = await getDelivery(ctx, input.id);
  if (moved === undefined)
    throw new AppError('INVALID_TRANSITION', `This delivery is ${delivery.status}.`, { data: { from: delivery.status, to: 'queued' } });
  ctx.hub.publish([DELIVERIES_TOPIC]);
  return delivery;
}
