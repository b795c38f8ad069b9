import type { Selectable } from 'kysely';
import type { AttemptTable } from '../db/schema.ts';
import { notFound } from '../errors.ts';
import { estimateJob } from '../history/index.ts';
import type { CoreContext } from '../ports/index.ts';
import type { Attempt, AttemptOutcome, WorkloadWithAttempts } from './contract.ts';
import { explainWait } from './explain-wait.ts';
import { leasesOf, silentLeaseOf } from './lease-of.ts';
import { toWorkload, type LeaseRow } from './rows.ts';

function closedAttempt(row: Selectable<AttemptTable>): Attempt {
  return {
    attempt: row.attempt,
    worker_id: row.worker_id,
    lease_epoch: row.lease_epoch,
    outcome: row.outcome as AttemptOutcome,
    exit_code: row.exit_code,
    signal: row.signal,
    error: row.error,
    started_at: row.started_at,
    finished_at: row.finished_at,
    duration_ms: row.duration_ms,
  };
}

function openAttempt(lease: LeaseRow): Attempt {
  return {
    attempt: lease.attempt,
    worker_id: lease.worker_id,
    lease_epoch: lease.lease_epoch,
    outcome: null,
    exit_code: null,
    signal: null,
    error: null,
    started_at: lease.granted_at,
    finished_at: null,
    duration_ms: null,
  };
}

/** One workload with its attempts, oldest first, the open one last. @throws {AppError} NOT_FOUND */
export async function getWorkload(ctx: CoreContext, input: { id: string }): Promise<WorkloadWithAttempts> {
  const { db } = ctx.database;
  const row = await db.selectFrom('workload').selectAll().where('id', '=', input.id).executeTakeFirst();
  if (row === undefined) throw notFound('workload', input.id);
  const [attempts, leases] = await Promise.all([
    db.selectFrom('tried').selectAll().where('workload_id', '=', input.id).orderBy('lease_epoch').execute(),
    leasesOf(ctx, row.status === 'running' ? [row.id] : []),
  ]);
  const lease = leases.get(row.id) ?? silentLeaseOf(row);
  const workload = toWorkload(row, await ctx.lanes.get(row.lane_id), lease);
  return {
    ...workload,
    wait_reason: await explainWait(ctx, row, lease),
    eta_at: row.status === 'running' ? ((await estimateJob(ctx, row.id))?.eta_at ?? null) : null,
    attempts: [...attempts.map(closedAttempt), ...(lease === undefined ? [] : [openAttempt(lease)])],
  };
}
