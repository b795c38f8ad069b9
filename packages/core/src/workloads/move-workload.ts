import { sql, type Transaction, type UpdateObject } from 'kysely';
import type { Database } from '../db/schema.ts';
import { appendEvent } from '../events/index.ts';
import type { Lane } from '../ports/index.ts';
import type { StatusReason, WorkloadStatus } from './contract.ts';
import type { LeaseRow, WorkloadRow } from './rows.ts';
import { canTransition, invalidTransition, type Trigger } from './transitions.ts';

/** Counters of the moves people and clocks make; the writers of the hot path have slots of their own, from 0. */
const SHARED_SLOT = -1;

/** Columns to set; values may be expressions of the database. */
export type WorkloadUpdate = UpdateObject<Database, 'workload'>;

export interface Move {
  readonly row: WorkloadRow;
  readonly lease: LeaseRow | undefined;
  readonly lane: Lane;
  readonly to: WorkloadStatus;
  readonly reason: StatusReason | null;
  readonly by: Trigger;
  /** Further columns to set. */
  readonly set: WorkloadUpdate;
}

const COUNTED = ['pending', 'running', 'completed', 'failed', 'cancelled'] as const;

async function count(
  tx: Transaction<Database>,
  laneId: number,
  delta: Partial<Record<WorkloadStatus | 'duration_ms_sum' | 'duration_count', number>>,
): Promise<void> {
  const columns = [...COUNTED, 'duration_ms_sum', 'duration_count'] as const;
  const values = Object.fromEntries(columns.map((column) => [column, delta[column] ?? 0]));
  const sums = Object.fromEntries(columns.map((column) => [column, sql`counter.${sql.ref(column)} + excluded.${sql.ref(column)}`]));
  await tx
    .insertInto('counter')
    .values({ slot: SHARED_SLOT, lane_id: laneId, ...values })
    .onConflict((conflict) => conflict.columns(['slot', 'lane_id']).doUpdateSet(sums))
    .execute();
}

/** What the agent told so far is kept when its lease is taken away. */
function whatLeaseKnew(row: WorkloadRow, lease: LeaseRow): WorkloadUpdate {
  return {
    checkpoint: lease.checkpoint ?? row.checkpoint,
    progress: lease.progress ?? row.progress,
    keys_scanned: lease.keys_scanned === null ? row.keys_scanned : (row.keys_scanned ?? 0) + lease.keys_scanned,
  };
}

/** Takes the lease away and closes its attempt as revoked. */
async function revoke(tx: Transaction<Database>, lease: LeaseRow, move: Move): Promise<void> {
  await tx.deleteFrom('lease').where('workload_id', '=', lease.workload_id).where('lease_epoch', '=', lease.lease_epoch).execute();
  await tx
    .insertInto('attempt')
    .values({
      workload_id: lease.workload_id,
      lease_epoch: lease.lease_epoch,
      attempt: lease.attempt,
      worker_id: lease.worker_id,
      outcome: 'revoked',
      next_status: move.to,
      next_reason: move.reason,
      keys_scanned: lease.keys_scanned,
      started_at: lease.granted_at,
      finished_at: sql`now()`,
      duration_ms: sql`greatest(0, extract(epoch from now() - ${lease.granted_at}::timestamptz) * 1000)::bigint`,
      started_position: lease.started_position,
      finished_position: lease.position + 1,
    })
    .execute();
}

function eventOf(move: Move, row: WorkloadRow): { type: string; [field: string]: unknown } {
  const type =
    move.to === 'pending'
      ? move.by === 'retry'
        ? 'workload.retried'
        : 'workload.requeued'
      : move.to === 'running'
        ? 'workload.started'
        : `workload.${move.to}`;
  return {
    type,
    id: row.id,
    lane: row.lane_id,
    from: move.row.status,
    status: move.to,
    reason: move.reason,
    worker: row.worker_id,
    epoch: row.lease_epoch,
    attempt: row.attempt,
    by: move.by,
    exit_code: row.exit_code,
    ...(row.duration_ms === null ? {} : { duration_ms: row.duration_ms }),
    created_ms: Date.parse(row.created_at),
  };
}

/** Appends to the workload's own stream and to the shared one; the shared stream's row is locked last. */
export async function logTransition(
  tx: Transaction<Database>,
  row: WorkloadRow,
  event: { type: string; [field: string]: unknown },
): Promise<void> {
  await tx
    .insertInto('event')
    .values({ stream: row.id, position: row.position, item_count: 1, items: JSON.stringify([event]) })
    .execute();
  await appendEvent(tx, 'workloads', [event]);
}

/**
 * Moves one workload where the lifecycle table allows, in the caller's transaction: row, lease, attempt, counters and events.
 * For what people and clocks do; agents' reports have statements of their own. Answers the row afterwards.
 * @throws {AppError} INVALID_TRANSITION when the table has no such arrow, or the row moved meanwhile.
 */
export async function moveWorkload(tx: Transaction<Database>, move: Move): Promise<WorkloadRow> {
  const { row, lease } = move;
  const from = row.status as WorkloadStatus;
  if (!canTransition(from, move.to, move.by)) throw invalidTransition(row.id, from, move.to);
  const position = Math.max(row.position, lease?.position ?? 0) + 1;
  const isFinalMove = move.to !== 'pending' && move.to !== 'running';
  const updated = await tx
    .updateTable('workload')
    .set({
      status: move.to,
      status_reason: move.reason,
      wake_at: null,
      finished_at: isFinalMove ? sql<string>`now()` : null,
      ...(lease === undefined ? {} : { ...whatLeaseKnew(row, lease), lease_epoch: row.lease_epoch + 1 }),
      ...move.set,
      position: lease === undefined ? position : position + 1,
    })
    .where('id', '=', row.id)
    .where('status', '=', from)
    .where('lease_epoch', '=', row.lease_epoch)
    .returningAll()
    .executeTakeFirst();
  if (updated === undefined) throw invalidTransition(row.id, from, move.to);
  if (lease !== undefined) await revoke(tx, lease, move);
  const hasDuration = move.to === 'completed' && updated.duration_ms !== null;
  await count(tx, row.lane_id, {
    [from]: -1,
    [move.to]: 1,
    ...(hasDuration ? { duration_ms_sum: updated.duration_ms ?? 0, duration_count: 1 } : {}),
  });
  await logTransition(tx, updated, eventOf(move, updated));
  return updated;
}
