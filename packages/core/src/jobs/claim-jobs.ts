import type { CoreContext, LeasedRow, WorkerCapabilities } from '../ports/index.ts';
import type { Isolation } from '../workloads/contract.ts';
import { LEASE_MS } from '../workers/contract.ts';
import { claimLimited, nextTokenMs } from './claim-limited.ts';
import { claimableOf } from './claimable-lanes.ts';
import type { ClaimedJob, ClaimInput, ClaimOutput } from './contract.ts';
import { CYCLE_KIND } from './cycle.ts';

/** What the agent is handed, from the row the claim leased. */
export async function toClaimedJob(ctx: CoreContext, row: LeasedRow): Promise<ClaimedJob> {
  const lane = await ctx.lanes.get(row.lane_id);
  return {
    job_id: row.id,
    kind: lane.kind,
    isolation: lane.isolation as Isolation,
    payload: JSON.parse(row.payload),
    attempt: row.attempt,
    lease_epoch: row.lease_epoch,
    lease_ms: LEASE_MS,
    timeout_ms: row.timeout_ms,
    checkpoint: row.checkpoint === null ? null : JSON.parse(row.checkpoint),
    labels: row.labels === null ? {} : (JSON.parse(row.labels) as Record<string, string>),
  };
}

/** Says that these leases began: list views and each workload's own live view read it. */
export function announceClaimed(ctx: CoreContext, rows: readonly LeasedRow[]): void {
  if (rows.length > 0) ctx.hub.publish(['workloads', ...rows.map((row) => row.id)]);
}

/** When a queue's bucket is empty, its agents are woken as soon as there is a token again. */
async function wakeAtNextToken(ctx: CoreContext, claimable: ReturnType<typeof claimableOf>): Promise<void> {
  for (const { queue, lanes } of claimable.limited) {
    const ms = await nextTokenMs(ctx, queue);
    if (ms !== null) setTimeout(() => ctx.parked.wake(lanes), ms).unref();
  }
}

/** Leases from queues that have limits, until `max` is reached. */
export async function claimFromLimited(ctx: CoreContext, worker: WorkerCapabilities, max: number): Promise<LeasedRow[]> {
  const claimable = claimableOf(ctx, worker);
  const rows: LeasedRow[] = [];
  for (const { queue, lanes, queueLanes } of claimable.limited) {
    if (rows.length >= max) break;
    rows.push(...(await claimLimited(ctx, { queue, worker: worker.id, lanes, queueLanes, max: max - rows.length })));
  }
  if (rows.length === 0 && claimable.limited.length > 0) await wakeAtNextToken(ctx, claimable);
  return rows;
}

async function claimOnce(ctx: CoreContext, worker: WorkerCapabilities, max: number): Promise<ClaimedJob[]> {
  if (!worker.is_accepting) return [];
  const { lanes, limited } = claimableOf(ctx, worker);
  const { claimed } =
    lanes.length === 0
      ? { claimed: [] }
      : await ctx.commits.submit(CYCLE_KIND, { completes: [], claim: { worker: worker.id, lanes, max } });
  const rows =
    limited.length === 0 || claimed.length >= max ? claimed : [...claimed, ...(await claimFromLimited(ctx, worker, max - claimed.length))];
  announceClaimed(ctx, rows);
  return Promise.all(rows.map((row) => toClaimedJob(ctx, row)));
}

/**
 * Leases up to `max` due workloads to the worker, most urgent first. With `wait_ms` it waits for work (long poll) and
 * answers with none when the time is over or `signal` aborts.
 * @throws {AppError} NOT_FOUND for a worker that never registered.
 */
export async function claimJobs(ctx: CoreContext, input: ClaimInput, signal?: AbortSignal): Promise<ClaimOutput> {
  const until = performance.now() + input.wait_ms;
  for (;;) {
    const worker = await ctx.roster.get(input.worker_id);
    const { all, lanes } = claimableOf(ctx, worker);
    // Parked before looking: work that arrives between the look and the wait still wakes it.
    const left = Math.max(0, until - performance.now());
    const parked = left > 0 ? ctx.parked.park({ worker: worker.id, lanes: all }, left, signal) : null;
    try {
      const jobs = await claimOnce(ctx, worker, input.max);
      if (jobs.length > 0 || parked === null || signal?.aborted === true) return { jobs };
      if (worker.is_accepting) parked.offer(lanes);
      const outcome = await parked.outcome;
      if (outcome === 'over') return { jobs: [] };
      if (outcome !== 'look') return { jobs: [await toClaimedJob(ctx, outcome)] };
    } finally {
      parked?.cancel();
    }
  }
}
