import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { invalid } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import {
  MAX_OUTPUT_BYTES,
  type StatusReason,
  type UpdateWorkloadInput,
  type WorkloadStatus,
  type WorkloadWithAttempts,
} from './contract.ts';
import { PRIORITY_STEP_MS } from './create-statement.ts';
import { getWorkload } from './get-workload.ts';
import { lockWorkload } from './lock-workload.ts';
import { logTransition, moveWorkload, type WorkloadUpdate } from './move-workload.ts';
import type { LeaseRow, WorkloadRow } from './rows.ts';
import { canTransition, invalidTransition, isFinal } from './transitions.ts';

const REASONS: Readonly<Record<WorkloadStatus, StatusReason | null>> = {
  pending: 'queued',
  running: 'external',
  completed: null,
  failed: 'error',
  cancelled: 'requested',
};

type Fields = Omit<UpdateWorkloadInput, 'id' | 'status'>;

/** The columns named in the input; output is cut, never rejected. */
function fieldsOf(input: Fields): WorkloadUpdate {
  const set: WorkloadUpdate = {};
  if (input.output !== undefined) {
    const isLong = input.output !== null && Buffer.byteLength(input.output) > MAX_OUTPUT_BYTES;
    set.output = isLong
      ? Buffer.from(input.output ?? '')
          .subarray(0, MAX_OUTPUT_BYTES)
          .toString()
          .replace(/\uFFFD+$/, '')
      : input.output;
    set.output_truncated = isLong;
  }
  if (input.exit_code !== undefined) set.exit_code = input.exit_code;
  if (input.error !== undefined) set.error = input.error;
  if (input.duration_ms !== undefined) set.duration_ms = input.duration_ms;
  if (input.started_at !== undefined) set.started_at = input.started_at;
  return set;
}

function checkTimes(row: WorkloadRow, input: UpdateWorkloadInput): void {
  const next = input.status ?? (row.status as WorkloadStatus);
  if (input.finished_at !== undefined && input.finished_at !== null && !isFinal(next)) {
    throw invalid('finished_at', `needs a final status, and "${next}" is not`);
  }
  if (input.finished_at === null && isFinal(next)) throw invalid('finished_at', 'cannot be null with a final status');
  const startedAt = input.started_at ?? row.started_at;
  if (
    input.finished_at !== undefined &&
    input.finished_at !== null &&
    startedAt !== null &&
    Date.parse(input.finished_at) < Date.parse(startedAt)
  ) {
    throw invalid('finished_at', 'lies before started_at');
  }
}

/** What the new status settles by itself, unless the input says otherwise. */
function impliedBy(row: WorkloadRow, to: WorkloadStatus, input: Fields): WorkloadUpdate {
  if (to === 'pending') {
    return {
      worker_id: null,
      started_at: null,
      cancel_requested_at: null,
      attempt: Math.max(0, row.attempt - 1),
      claim_order: sql<number>`(extract(epoch from now()) * 1000)::bigint - priority::bigint * ${PRIORITY_STEP_MS}`,
    };
  }
  if (to === 'running') return { worker_id: null, attempt: row.attempt + 1, started_at: sql<string>`now()` };
  const finishedAt =
    input.finished_at === undefined || input.finished_at === null ? sql<string>`now()` : sql<string>`${input.finished_at}::timestamptz`;
  const startedAt = input.started_at ?? row.started_at;
  return {
    finished_at: finishedAt,
    duration_ms:
      startedAt === null ? null : sql<number>`greatest(0, extract(epoch from ${finishedAt} - ${startedAt}::timestamptz) * 1000)::bigint`,
  };
}

async function changeFields(
  tx: Transaction<Database>,
  { row, lease }: { row: WorkloadRow; lease: LeaseRow | undefined },
  set: WorkloadUpdate,
): Promise<void> {
  if (isFinal(row.status as WorkloadStatus)) throw invalidTransition(row.id, row.status as WorkloadStatus, row.status as WorkloadStatus);
  if (Object.keys(set).length === 0) return;
  const position = Math.max(row.position, lease?.position ?? 0) + 1;
  if (lease !== undefined) await tx.updateTable('lease').set({ position }).where('workload_id', '=', row.id).execute();
  const updated = await tx
    .updateTable('workload')
    .set({ ...set, position })
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await logTransition(tx, updated, {
    type: 'workload.updated',
    id: row.id,
    lane: row.lane_id,
    status: row.status,
    reason: row.status_reason,
    fields: Object.keys(set),
  });
}

/**
 * Requirement 001's UpdateWorkload, for executors that do not lease: sets the fields given and, with `status`, moves the
 * workload by the lifecycle table. A move of a leased workload revokes the lease.
 * @throws {AppError} NOT_FOUND, INVALID_TRANSITION, VALIDATION
 */
export async function updateWorkload(ctx: CoreContext, input: UpdateWorkloadInput): Promise<WorkloadWithAttempts> {
  const { id, status, ...fields } = input;
  const news = await ctx.database.db.transaction().execute(async (tx) => {
    const { row, lease } = await lockWorkload(tx, id);
    const from = row.status as WorkloadStatus;
    const isMove = status !== undefined && status !== from;
    if (isMove && !canTransition(from, status, 'update')) throw invalidTransition(id, from, status);
    if (!isMove && isFinal(from)) throw invalidTransition(id, from, status ?? from);
    checkTimes(row, input);
    if (!isMove) {
      await changeFields(tx, { row, lease }, fieldsOf(fields));
      return { lane: null, worker: null };
    }
    const lane = await ctx.lanes.get(row.lane_id);
    await moveWorkload(tx, {
      row,
      lease,
      lane,
      to: status,
      reason: REASONS[status],
      by: 'update',
      set: { ...impliedBy(row, status, fields), ...fieldsOf(fields) },
    });
    return { lane: status === 'pending' ? row.lane_id : null, worker: lease?.worker_id ?? null };
  });
  ctx.hub.publish([
    'workloads',
    id,
    ...(news.lane === null ? [] : [`lane:${news.lane}`]),
    ...(news.worker === null ? [] : [`worker:${news.worker}`]),
  ]);
  return getWorkload(ctx, { id });
}
