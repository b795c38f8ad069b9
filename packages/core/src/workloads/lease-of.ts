import type { CoreContext } from '../ports/index.ts';
import { LEASE_MS } from '../workers/contract.ts';
import type { LeaseRow, WorkloadRow } from './rows.ts';

/** The open leases of these workloads, by workload. */
export async function leasesOf(ctx: CoreContext, ids: readonly string[]): Promise<Map<string, LeaseRow>> {
  if (ids.length === 0) return new Map();
  const rows = await ctx.database.db
    .selectFrom('lease')
    .selectAll()
    .where('workload_id', 'in', [...ids])
    .execute();
  return new Map(rows.map((row) => [row.workload_id, row]));
}

/** The lease of a claimed workload that has no row for it yet: what a row would say. */
export function silentLeaseOf(row: WorkloadRow): LeaseRow | undefined {
  if (row.status !== 'running' || row.status_reason !== 'leased' || row.has_lease) return undefined;
  if (row.worker_id === null || row.started_at === null) return undefined;
  return {
    workload_id: row.id,
    lease_epoch: row.lease_epoch,
    lane_id: row.lane_id,
    worker_id: row.worker_id,
    attempt: row.attempt,
    granted_at: row.started_at,
    expires_at: new Date(Date.parse(row.started_at) + LEASE_MS).toISOString(),
    deadline_at: row.deadline_at,
    cancel_requested_at: null,
    cancel_deadline_at: null,
    is_executing: false,
    checkpoint: null,
    progress: null,
    keys_scanned: null,
    last_request_id: null,
    progressed_at: null,
    started_position: row.position,
    position: row.position,
    output_seq: -1,
    output_bytes: 0,
    concurrency_key: row.concurrency_key,
  };
}
