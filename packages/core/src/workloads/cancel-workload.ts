import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { CoreContext } from '../ports/index.ts';
import type { WorkloadStatus, WorkloadWithAttempts } from './contract.ts';
import { getWorkload } from './get-workload.ts';
import { lockWorkload } from './lock-workload.ts';
import { logTransition, moveWorkload } from './move-workload.ts';
import type { LeaseRow, WorkloadRow } from './rows.ts';
import { invalidTransition, isFinal } from './transitions.ts';

/** How long an agent has to confirm a cancel; after it the workload is `cancelled/unconfirmed`. */
const CANCEL_GRACE_MS = 30_000;

async function requestCancel(tx: Transaction<Database>, row: WorkloadRow, lease: LeaseRow): Promise<void> {
  await tx
    .updateTable('lease')
    .set({
      cancel_requested_at: sql<string>`now()`,
      cancel_deadline_at: sql<string>`now() + ${`${CANCEL_GRACE_MS} ms`}::interval`,
      position: lease.position + 1,
    })
    .where('workload_id', '=', row.id)
    .execute();
  const updated = await tx
    .updateTable('workload')
    .set({ status_reason: 'cancelling', cancel_requested_at: sql<string>`now()`, position: lease.position + 1 })
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await logTransition(tx, updated, {
    type: 'workload.cancel_requested',
    id: row.id,
    lane: row.lane_id,
    status: 'running',
    reason: 'cancelling',
    worker: row.worker_id,
    epoch: row.lease_epoch,
    attempt: row.attempt,
  });
}

/** Cancels in the caller's transaction; answers the worker that has to be told, if any. */
export async function cancelIn(ctx: CoreContext, tx: Transaction<Database>, id: string): Promise<string | null> {
  const { row, lease } = await lockWorkload(tx, id);
  const status = row.status as WorkloadStatus;
  if (isFinal(status)) throw invalidTransition(id, status, 'cancelled');
  if (lease !== undefined) {
    if (lease.cancel_requested_at === null) await requestCancel(tx, row, lease);
    return lease.worker_id;
  }
  const lane = await ctx.lanes.get(row.lane_id);
  await moveWorkload(tx, {
    row,
    lease: undefined,
    lane,
    to: 'cancelled',
    reason: 'requested',
    by: 'cancel',
    set: { cancel_requested_at: sql<string>`now()` },
  });
  return null;
}

/**
 * Cancels a workload: at once while nobody runs it, otherwise as a durable request that the agent's next heartbeat carries.
 * Asking again while it is being cancelled changes nothing.
 * @throws {AppError} NOT_FOUND, INVALID_TRANSITION
 */
export async function cancelWorkload(ctx: CoreContext, input: { id: string }): Promise<WorkloadWithAttempts> {
  const worker = await ctx.database.db.transaction().execute((tx) => cancelIn(ctx, tx, input.id));
  ctx.hub.publish(['workloads', input.id, ...(worker === null ? [] : [`worker:${worker}`])]);
  return getWorkload(ctx, input);
}
