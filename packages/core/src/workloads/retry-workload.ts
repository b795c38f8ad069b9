import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { CoreContext } from '../ports/index.ts';
import type { WorkloadWithAttempts } from './contract.ts';
import { PRIORITY_STEP_MS } from './create-statement.ts';
import { getWorkload } from './get-workload.ts';
import { lockWorkload } from './lock-workload.ts';
import { moveWorkload } from './move-workload.ts';

/** Reopens in the caller's transaction; answers the lane that now has work. */
export async function retryIn(
  ctx: CoreContext,
  tx: Transaction<Database>,
  input: { id: string; keep_checkpoint: boolean },
): Promise<number> {
  const { row, lease } = await lockWorkload(tx, input.id);
  const lane = await ctx.lanes.get(row.lane_id);
  await moveWorkload(tx, {
    row,
    lease,
    lane,
    to: 'pending',
    reason: 'queued',
    by: 'retry',
    set: {
      attempt: 0,
      lease_losses: 0,
      worker_id: null,
      started_at: null,
      duration_ms: null,
      exit_code: null,
      signal: null,
      error: null,
      output: null,
      output_truncated: false,
      cancel_requested_at: null,
      start_deadline_at: null,
      deadline_at: null,
      claim_order: sql<number>`(extract(epoch from now()) * 1000)::bigint - priority::bigint * ${PRIORITY_STEP_MS}`,
      ...(input.keep_checkpoint ? {} : { checkpoint: null, progress: null, keys_scanned: null }),
    },
  });
  return row.lane_id;
}

/**
 * Reopens a failed or cancelled workload with a new attempt budget; its lease epoch keeps growing, its deadlines are dropped.
 * @throws {AppError} NOT_FOUND, INVALID_TRANSITION
 */
export async function retryWorkload(ctx: CoreContext, input: { id: string; keep_checkpoint: boolean }): Promise<WorkloadWithAttempts> {
  const lane = await ctx.database.db.transaction().execute((tx) => retryIn(ctx, tx, input));
  ctx.hub.publish(['workloads', input.id, `lane:${lane}`]);
  return getWorkload(ctx, { id: input.id });
}
