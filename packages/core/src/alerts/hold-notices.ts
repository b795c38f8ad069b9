import { sql, type Kysely, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { NoticeKind } from './contract.ts';

/** Whether a monitor has an outage that goes on. One that is paused is not looked at: what it was covers nothing. */
export async function isDown(db: Kysely<Database>, testId: string | null): Promise<boolean> {
  if (testId === null) return false;
  const open = await db
    .selectFrom('outage')
    .innerJoin('monitor', 'monitor.id', 'outage.test_id')
    .select('outage.id')
    .where('outage.test_id', '=', testId)
    .where('outage.resolved_at', 'is', null)
    .where('monitor.status', '=', 'active')
    .executeTakeFirst();
  return open !== undefined;
}

interface Waiting {
  readonly outage_id: string;
  readonly kind: NoticeKind;
}

/** Makes notices that wait due after `waitMs`; answers how many there are. Those on their way are left alone. */
export async function deferNotices(tx: Transaction<Database>, { outage_id, kind }: Waiting, waitMs: number): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('delivery')
    .set({ next_try_at: sql<string>`now() + ${`${waitMs} ms`}::interval` })
    .where('outage_id', '=', outage_id)
    .where('kind', '=', kind)
    .where('status', '=', 'queued')
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Takes notices that wait out of the ledger: there is nothing to tell any more. */
export async function dropNotices(tx: Transaction<Database>, { outage_id, kind }: Waiting): Promise<void> {
  await tx.deleteFrom('delivery').where('outage_id', '=', outage_id).where('kind', '=', kind).where('status', '=', 'queued').execute();
}

/**
 * Ends the hold of an outage whose time is up: suppressed when the monitor it depends on is down by now, else told.
 * Answers whether its notices may go.
 */
export async function endHold(tx: Transaction<Database>, outageId: string): Promise<boolean> {
  const outage = await tx.selectFrom('outage').selectAll().where('id', '=', outageId).forUpdate().executeTakeFirst();
  if (outage === undefined) return false;
  if (outage.held_until === null) return !outage.is_suppressed;
  const monitor = await tx.selectFrom('monitor').select('parent_id').where('id', '=', outage.test_id).executeTakeFirst();
  // Suppressed and over: it was never told, and neither is its end.
  const isSuppressed = (await isDown(tx, monitor?.parent_id ?? null)) || (outage.is_suppressed && outage.resolved_at !== null);
  await tx.updateTable('outage').set({ held_until: null, is_suppressed: isSuppressed }).where('id', '=', outageId).execute();
  return !isSuppressed;
}
