import { sql, type Kysely, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';

/** One entry as it is stored: its type and what it says. */
export interface NewEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/**
 * Appends to a shared stream inside the caller's transaction; the position grows with the commit, so readers miss nothing.
 * Call it last: the stream's row stays locked until the commit.
 */
export async function appendEvent(
  tx: Transaction<Database> | Kysely<Database>,
  stream: string,
  events: readonly NewEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const { position } = await tx
    .insertInto('stream')
    .values({ name: stream, position: events.length })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ position: sql`stream.position + ${events.length}` }))
    .returning('position')
    .executeTakeFirstOrThrow();
  await tx
    .insertInto('event')
    .values({ stream, position, item_count: events.length, items: JSON.stringify(events) })
    .execute();
}
