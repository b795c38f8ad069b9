import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { notFound } from '../errors.ts';
import type { LeaseRow, WorkloadRow } from './rows.ts';

/**
 * Reads a workload and its lease for a change. The lease is locked first, as the agents' statements do, so that a person
 * and an agent never wait for each other in a circle. @throws {AppError} NOT_FOUND
 */
export async function lockWorkload(tx: Transaction<Database>, id: string): Promise<{ row: WorkloadRow; lease: LeaseRow | undefined }> {
  const lease = await tx.selectFrom('lease').selectAll().where('workload_id', '=', id).forUpdate().executeTakeFirst();
  const row = await tx.selectFrom('workload').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  if (row === undefined) throw notFound('workload', id);
  if (lease !== undefined || row.status !== 'running') return { row, lease: row.status === 'running' ? lease : undefined };
  // Claimed between the two reads: its lease is there now, and nobody else can change it while the row is locked.
  return { row, lease: await tx.selectFrom('lease').selectAll().where('workload_id', '=', id).forUpdate().executeTakeFirst() };
}
