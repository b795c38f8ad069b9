import { CompiledQuery, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Statement, StatementRunner } from '../ports/index.ts';
import { LEASE_MS } from '../workers/contract.ts';

/** Leases the workload rows of a query that has the columns of `workload`, as they stand since they were claimed. */
export function insertLeases(from: string): string {
  return `
insert into lease (workload_id, lease_epoch, lane_id, worker_id, attempt, granted_at, expires_at, deadline_at, started_position, position, concurrency_key)
select id, lease_epoch, lane_id, worker_id, attempt, started_at, started_at + interval '${LEASE_MS} ms',
  least(started_at + timeout_ms * interval '1 ms', deadline_at), position, position, concurrency_key
from ${from}`;
}

/**
 * Marks a claimed workload as having a lease row: whoever completes it meanwhile without one finds the mark and looks again.
 * `source` yields id and epoch, in order of id.
 */
export function markLeased(source: string): string {
  return `update workload w set has_lease = true from ${source}
  where w.id = i.id and w.lease_epoch = coalesce(i.epoch, w.lease_epoch) and w.status = 'running' and w.status_reason = 'leased' and not w.has_lease
  returning w.*`;
}

/** $1 ids. Answers those that had no row until now. */
const GIVE: Statement = {
  name: 'give_lease_rows',
  text: `with marked as (
  ${markLeased('unnest($1::text[], null::int[]) as i(id, epoch)')}
)${insertLeases('marked')} returning workload_id as id`,
};

/**
 * Gives each of these claimed workloads a lease row of its own, unless it has one. Not in a transaction that locks leases
 * afterwards: these locks are of workloads, and a lease is locked before its workload.
 */
export async function giveLeaseRows(runner: StatementRunner, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await runner.run(GIVE, [[...new Set(ids)].sort()]);
}

/**
 * The same for one workload, in a transaction that is about to lock its lease. Where another gave it one meanwhile, the lock of the
 * workload that waiting for it left behind is let go: a lease is locked before its workload.
 */
export async function giveLeaseRow(tx: Transaction<Database>, id: string): Promise<void> {
  await sql`savepoint before_gift`.execute(tx);
  const { rows } = await tx.executeQuery(CompiledQuery.raw(GIVE.text, [[id]]));
  if (rows.length === 0) await sql`rollback to savepoint before_gift`.execute(tx);
  await sql`release savepoint before_gift`.execute(tx);
}
