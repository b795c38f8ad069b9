import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { notFound } from '../errors.ts';
import { giveLeaseRow } from '../leases/index.ts';
import type { LeaseRow, WorkloadRow } from './rows.ts';

/**
 * Reads a workload and its lease for a change. The lease is locked first, as the agents' statements do, so that a person
 * and an agent, or two people, never wait for each other in a circle. @throws {AppError} NOT_FOUND
 */
export async function lockWorkload(tx: Transaction<Database>, id: string): Promise<{ row: WorkloadRow; lease: LeaseRow | undefined }> {
  for (;;) {
    await sql`savepoint before_locks`.execute(tx);
    await giveLeaseRow(tx, id);
    const lease = await tx.selectFrom('lease').selectAll().where('workload_id', '=', id).forUpdate().executeTakeFirst();
    const row = await tx.selectFrom('workload').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
    if (row === undefined) throw notFound('workload', id);
    const isClaimedBetween = lease === undefined && row.status === 'running' && row.status_reason !== 'external';
    if (!isClaimedBetween) return { row, lease: row.status === 'running' ? lease : undefined };
    // Its lease is there now, but may only be locked before its row: let go of the row and begin again.
    await sql`rollback to savepoint before_locks`.execute(tx);
  }
}
