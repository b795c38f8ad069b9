import { missingFor } from '../lanes/index.ts';
import type { CoreContext, WorkerCapabilities } from '../ports/index.ts';
import type { Isolation } from '../workloads/contract.ts';
import { LEASE_MS } from '../workers/contract.ts';
import type { ClaimedJob, ClaimInput, ClaimOutput } from './contract.ts';
import { CYCLE_KIND, type ClaimedRow } from './cycle.ts';

interface KnownLanes {
  readonly version: number;
  readonly lanes: readonly number[];
}

const lanesOf = new WeakMap<WorkerCapabilities, KnownLanes>();

/** The lanes a worker can take from, ascending; remembered until a lane is added or the worker changes. */
export function claimableLanes(ctx: CoreContext, worker: WorkerCapabilities): readonly number[] {
  const known = lanesOf.get(worker);
  if (known !== undefined && known.version === ctx.lanes.version) return known.lanes;
  const lanes = ctx.lanes
    .all()
    .filter((lane) => missingFor(worker, lane) === null)
    .map((lane) => lane.id)
    .sort((left, right) => left - right);
  lanesOf.set(worker, { version: ctx.lanes.version, lanes });
  return lanes;
}

/** What the agent is handed, from the row the claim leased. */
export async function toClaimedJob(ctx: CoreContext, row: ClaimedRow): Promise<ClaimedJob> {
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
export function announceClaimed(ctx: CoreContext, rows: readonly ClaimedRow[]): void {
  if (rows.length > 0) ctx.hub.publish(['workloads', ...rows.map((row) => row.id)]);
}

async function claimOnce(ctx: CoreContext, worker: WorkerCapabilities, max: number): Promise<ClaimedJob[]> {
  if (!worker.is_accepting) return [];
  const lanes = claimableLanes(ctx, worker);
  if (lanes.length === 0) return [];
  const { claimed } = await ctx.commits.submit(CYCLE_KIND, { completes: [], claim: { worker: worker.id, lanes, max } });
  announceClaimed(ctx, claimed);
  return Promise.all(claimed.map((row) => toClaimedJob(ctx, row)));
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
    // Parked before looking: work that arrives between the look and the wait still wakes it.
    const stop = new AbortController();
    const left = Math.max(0, until - performance.now());
    const waiting = left > 0 ? ctx.parked.wait(claimableLanes(ctx, worker), left, signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal])) : null;
    try {
      const jobs = await claimOnce(ctx, worker, input.max);
      if (jobs.length > 0 || waiting === null || signal?.aborted === true) return { jobs };
      const mayHaveWork = await waiting;
      if (!mayHaveWork) return { jobs: [] };
    } finally {
      stop.abort();
    }
  }
}
