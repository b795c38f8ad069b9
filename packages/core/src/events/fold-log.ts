import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { CoreContext, Statement } from '../ports/index.ts';
import { unpack, type PlacedItem } from './read-stream.ts';

/** Rows a transaction reads at most, of up to a thousand events each: a long one would hold back the vacuum of the hot tables. */
const PAGE_ROWS = 16;

/** One row when its stream holds something this projection has not read: the cheap look before a transaction. */
const NEWS: Statement = {
  name: 'projection_news',
  text: `select s.position from stream s join projection p on p.stream = s.name where p.name = $1 and s.position > p.position`,
};

/** Adds a page of events to a projection, in the transaction that moves its cursor. */
export type ApplyEvents = (tx: Transaction<Database>, placed: readonly PlacedItem[]) => Promise<void>;

/** How a projection reads the log. */
export interface Projection {
  readonly apply: ApplyEvents;
  /** Whether nothing is there that an event could change: then the cursor moves on, and nothing is read. */
  readonly isEmpty?: (tx: Transaction<Database>) => Promise<boolean>;
}

/** While the cursor is locked nobody else can give the projection something to follow. */
async function skipToHead(tx: Transaction<Database>, name: string): Promise<void> {
  await tx
    .updateTable('projection')
    .set((write) => ({
      position: write.selectFrom('stream').select('position').whereRef('stream.name', '=', 'projection.stream').$asScalar().$notNull(),
    }))
    .where('name', '=', name)
    .execute();
}

async function foldPage(tx: Transaction<Database>, name: string, { apply, isEmpty }: Projection): Promise<boolean> {
  const cursor = await tx
    .selectFrom('projection')
    .select(['position', 'stream'])
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (isEmpty !== undefined && (await isEmpty(tx))) {
    await skipToHead(tx, name);
    return false;
  }
  const rows = await tx
    .selectFrom('event')
    .select(['position', 'items', 'created_at'])
    .where('stream', '=', cursor.stream)
    .where('position', '>', cursor.position)
    .orderBy('position')
    .limit(PAGE_ROWS)
    .execute();
  const last = rows.at(-1);
  if (last === undefined) return false;
  await apply(tx, unpack(rows, cursor.position));
  await tx.updateTable('projection').set({ position: last.position }).where('name', '=', name).execute();
  return rows.length === PAGE_ROWS;
}

/**
 * Folds what its stream holds beyond a projection, each event exactly once. Several servers may call it; they take turns.
 */
export async function foldLog(ctx: CoreContext, name: string, projection: Projection): Promise<void> {
  const [news] = await ctx.database.reader.run(NEWS, [name]);
  let hasMore = news !== undefined;
  while (hasMore) hasMore = await ctx.database.db.transaction().execute((tx) => foldPage(tx, name, projection));
}
