import { sql, type RawBuilder } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import type { StreamEvent } from './contract.ts';
import { unpackItems, type StoredItem } from './packed-items.ts';
import { eventId } from './positions.ts';

/** A row of the log: one or more events, standing at the position of the last. */
interface EventRow {
  readonly position: number;
  readonly items: string;
  readonly created_at: string;
}

/** An event with its place in the log. */
export interface PlacedItem {
  readonly position: number;
  readonly created_at: string;
  readonly item: StoredItem;
}

const RENAMED: Readonly<Record<string, string>> = { reason: 'status_reason', worker: 'worker_id', epoch: 'lease_epoch' };

/** The event as readers get it: the lane spelled out, the times as times. */
export async function toStreamEvent(ctx: CoreContext, stream: string, placed: PlacedItem): Promise<StreamEvent> {
  const { type, lane, created_ms: createdMs, ...rest } = placed.item;
  const data: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(rest)) data[RENAMED[key] ?? key] = value;
  if (lane !== undefined) {
    const { queue, kind, isolation } = await ctx.lanes.get(lane);
    Object.assign(data, { queue, kind, isolation });
  }
  if (typeof createdMs === 'number') data['workload_created_at'] = new Date(createdMs).toISOString();
  return { id: eventId(ctx.logEpoch, placed.position), stream, type, data, created_at: placed.created_at };
}

/** Unpacks rows, each of which carries one or more events; leaves out what is not after `after`. */
export function unpack(rows: readonly EventRow[], after: number): PlacedItem[] {
  const placed: PlacedItem[] = [];
  for (const row of rows) {
    const items = unpackItems(row.items);
    items.forEach((item, index) => {
      const position = row.position - items.length + 1 + index;
      if (position > after) placed.push({ position, created_at: row.created_at, item });
    });
  }
  return placed;
}

const reading = new WeakMap<CoreContext, Map<string, Promise<PlacedItem[]>>>();

/** Readers that stand at the same place share one query: a thousand live views cost what one does. */
export function shareRead(ctx: CoreContext, key: string, read: () => Promise<PlacedItem[]>): Promise<PlacedItem[]> {
  const shared = reading.get(ctx) ?? new Map<string, Promise<PlacedItem[]>>();
  reading.set(ctx, shared);
  const known = shared.get(key);
  if (known !== undefined) return known;
  const started = read().finally(() => shared.delete(key));
  shared.set(key, started);
  return started;
}

/** Rows of a page; each may carry up to a thousand events. */
const PAGE_ROWS = 200;

/** The next events of a shared stream after a position, in order; empty at the head. */
export function readShared(ctx: CoreContext, stream: string, after: number): Promise<PlacedItem[]> {
  return shareRead(ctx, `${stream}:${after}`, async () => {
    const rows = await ctx.database.db
      .selectFrom('event')
      .select(['position', 'items', 'created_at'])
      .where('stream', '=', stream)
      .where('position', '>', after)
      .orderBy('position')
      .limit(PAGE_ROWS)
      .execute();
    return unpack(rows, after);
  });
}

/** The events of these rows that come before a position, newest first. */
export function unpackBefore(rows: readonly EventRow[], before: number): PlacedItem[] {
  return unpack(rows, 0)
    .filter((entry) => entry.position < before)
    .sort((left, right) => right.position - left.position);
}

/**
 * The rows that hold so many events before a position. A row stands at its last event: the last of these rows is the one that holds
 * the event right before the position, wherever it ends. Positions have no holes, so both ends of the stretch are known beforehand:
 * a limit alone would leave it to the planner how much is read.
 */
export function rowsBefore(stream: string, before: number, count: number): RawBuilder<EventRow> {
  return sql<EventRow>`
    select position, items, created_at from event where stream = ${stream} and position >= ${before - count} and position <= coalesce(
      (select min(position) from event where stream = ${stream} and position >= ${before - 1}), ${before}::bigint)`;
}

/** Up to so many events of a shared stream before a position, newest first; empty at its beginning. */
export async function readSharedBefore(ctx: CoreContext, stream: string, page: { before: number; limit: number }): Promise<PlacedItem[]> {
  const { rows } = await rowsBefore(stream, page.before, page.limit).execute(ctx.database.db);
  return unpackBefore(rows, page.before);
}

/** First and last position a shared stream still has. */
export async function boundsOf(ctx: CoreContext, stream: string): Promise<{ head: number; floor: number }> {
  const row = await ctx.database.db.selectFrom('stream').select(['position', 'floor']).where('name', '=', stream).executeTakeFirst();
  return { head: row?.position ?? 0, floor: row?.floor ?? 0 };
}
