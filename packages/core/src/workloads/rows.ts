import type { Lane } from '../ports/index.ts';
import type { LeaseTable, WorkloadTable } from '../db/schema.ts';
import type { Selectable } from 'kysely';
import type { Isolation, Progress, StatusReason, Workload, WorkloadStatus, WorkloadSummary } from './contract.ts';

export type WorkloadRow = Selectable<WorkloadTable>;
export type LeaseRow = Selectable<LeaseTable>;

function parse<Value>(text: string | null): Value | null {
  return text === null ? null : (JSON.parse(text) as Value);
}

/** What the lease knows better than the row while the work runs. */
function liveReason(row: WorkloadRow, lease: LeaseRow | undefined): StatusReason | null {
  // A completion leaves the column as it was, so that it touches no index.
  if (row.status === 'completed') return null;
  if (row.status_reason === 'leased' && lease?.is_executing === true) return 'executing';
  return row.status_reason as StatusReason | null;
}

function sum(left: number | null, right: number | null): number | null {
  return left === null ? right : right === null ? left : left + right;
}

type SummaryRow = Omit<WorkloadRow, 'payload' | 'output' | 'checkpoint' | 'has_lease' | 'closed_request_id'>;

/** A list entry from its row, its lane and, while it runs, its lease. */
export function toSummary(row: SummaryRow, lane: Lane, lease?: LeaseRow): WorkloadSummary {
  return {
    id: row.id,
    kind: lane.kind,
    isolation: lane.isolation as Isolation,
    queue: lane.queue,
    priority: row.priority,
    labels: row.labels ?? {},
    required_labels: lane.required_labels,
    concurrency_key: row.concurrency_key,
    status: row.status as WorkloadStatus,
    status_reason: liveReason(row as WorkloadRow, lease),
    output_truncated: row.output_truncated,
    exit_code: row.exit_code,
    signal: row.signal,
    error: row.error,
    duration_ms: row.duration_ms,
    attempt: row.attempt,
    max_attempts: row.max_attempts,
    lease_losses: row.lease_losses,
    max_lease_losses: row.max_lease_losses,
    lease_epoch: row.lease_epoch,
    worker_id: row.worker_id,
    progress: parse<Progress>(lease?.progress ?? row.progress),
    keys_scanned: sum(row.keys_scanned, lease?.keys_scanned ?? null),
    run_at: row.run_at,
    start_deadline_at: row.start_deadline_at,
    deadline_at: row.deadline_at,
    timeout_ms: row.timeout_ms,
    idempotency_key: row.idempotency_key,
    cancel_requested_at: row.cancel_requested_at,
    created_at: row.created_at,
    started_at: row.started_at,
    finished_at: row.finished_at,
  };
}

/** The whole workload; `wait_reason` is explained by the caller. */
export function toWorkload(row: WorkloadRow, lane: Lane, lease?: LeaseRow): Workload {
  return {
    ...toSummary(row, lane, lease),
    payload: JSON.parse(row.payload),
    wait_reason: null,
    output: row.output,
    checkpoint: parse<unknown>(lease?.checkpoint ?? row.checkpoint),
  };
}
