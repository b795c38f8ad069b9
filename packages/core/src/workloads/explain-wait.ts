import { sql } from 'kysely';
import { missingFor, type Missing } from '../lanes/index.ts';
import type { CoreContext, Lane, QueueSettings } from '../ports/index.ts';
import { HEARTBEAT_MS } from '../workers/contract.ts';
import type { LeaseRow, WorkloadRow } from './rows.ts';

interface LiveWorker {
  isolations: string[];
  kinds: string[];
  queues: string[];
  labels: Record<string, string>;
  slots: number;
  used: number;
  is_draining: boolean;
}

const ORDER: readonly Missing[] = ['queue', 'kind', 'isolation', 'labels'];

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function lackInWords(lane: Lane, missing: Missing): string {
  switch (missing) {
    case 'queue':
      return `serves the queue "${lane.queue}"`;
    case 'kind':
      return `runs the kind "${lane.kind}"`;
    case 'isolation':
      return `offers ${lane.isolation}`;
    case 'labels':
      return `carries the labels ${Object.entries(lane.required_labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(', ')}`;
  }
}

async function liveWorkers(ctx: CoreContext): Promise<LiveWorker[]> {
  const rows = await ctx.database.db
    .selectFrom('worker')
    .select(['isolations', 'kinds', 'queues', 'labels', 'slots'])
    .select(sql<number>`(select count(*)::int from open_lease where open_lease.worker_id = worker.id)`.as('used'))
    .select(sql<boolean>`draining or drain_requested or quarantined`.as('is_draining'))
    .where('stopped_at', 'is', null)
    .where(sql<boolean>`last_heartbeat_at > now() - ${`${2 * HEARTBEAT_MS} ms`}::interval`)
    .execute();
  return rows;
}

/** Why a due workload waits, by what the living workers lack for its lane. */
function explainLane(lane: Lane, workers: readonly LiveWorker[]): string {
  if (workers.length === 0) return 'No worker is online.';
  const online = `${plural(workers.length, 'worker')} online`;
  const missing = workers.map((worker) => missingFor(worker, lane));
  const capable = workers.filter((_, index) => missing[index] === null);
  if (capable.length === 0) {
    const furthest = ORDER.findLast((lack) => missing.includes(lack)) ?? 'queue';
    return `${online}, none ${lackInWords(lane, furthest)}.`;
  }
  const accepting = capable.filter((worker) => !worker.is_draining);
  if (accepting.length === 0) return `${plural(capable.length, 'worker')} could run it, all are draining.`;
  const free = accepting.reduce((total, worker) => total + Math.max(0, worker.slots - worker.used), 0);
  if (free === 0) return `${plural(accepting.length, 'worker')} could run it, all slots are busy.`;
  return `${plural(accepting.length, 'worker')} can run it and ${free === 1 ? '1 slot is' : `${free} slots are`} free: it is next.`;
}

function explainRunning(row: WorkloadRow, lease: LeaseRow | undefined): string {
  if (row.status_reason === 'external') return 'It is executed elsewhere, as an update said.';
  if (lease === undefined) return 'Its lease has just ended.';
  if (lease.cancel_requested_at !== null)
    return `A cancel was requested; worker ${lease.worker_id} has until ${lease.cancel_deadline_at ?? ''} to confirm it.`;
  if (!lease.is_executing) return `Leased by worker ${lease.worker_id}, which has not reported on it yet.`;
  return `Worker ${lease.worker_id} is working on it; its lease runs until ${lease.expires_at}.`;
}

/** What a queue with limits lets through now. */
async function explainLimits(ctx: CoreContext, queue: QueueSettings, row: WorkloadRow): Promise<string> {
  const lanes = ctx.lanes.all().filter((lane) => lane.queue === queue.name);
  const { rows } = await sql<{ running: number; same_key: number }>`
    select count(*)::int as running, count(*) filter (where concurrency_key = ${row.concurrency_key})::int as same_key
    from open_lease where lane_id = any(${lanes.map((lane) => lane.id)}::int[])`.execute(ctx.database.db);
  const { running, same_key: sameKey } = rows[0] ?? { running: 0, same_key: 0 };
  if (queue.concurrency !== null && running >= queue.concurrency) {
    return `The queue "${queue.name}" runs ${running} of at most ${queue.concurrency} at once.`;
  }
  if (queue.key_concurrency !== null && row.concurrency_key !== null && sameKey >= queue.key_concurrency) {
    return `The key "${row.concurrency_key}" runs ${sameKey} of at most ${queue.key_concurrency} at once.`;
  }
  if (queue.rate_per_minute !== null) return `The queue "${queue.name}" starts at most ${queue.rate_per_minute} a minute.`;
  return 'It is next.';
}

/** In words, why a workload that is not final is where it is; null for a final one. */
export async function explainWait(ctx: CoreContext, row: WorkloadRow, lease: LeaseRow | undefined): Promise<string | null> {
  if (row.finished_at !== null) return null;
  if (row.status === 'running') return explainRunning(row, lease);
  if (row.status_reason === 'held') return 'It is held by an operator.';
  if (row.wake_at !== null) {
    const until = row.status_reason === 'scheduled' ? 'It is scheduled for' : 'The next attempt starts at';
    return `${until} ${row.wake_at}.`;
  }
  const lane = await ctx.lanes.get(row.lane_id);
  const queue = ctx.queues.find(lane.queue);
  if (queue?.is_paused === true) return `The queue "${queue.name}" is paused.`;
  const byWorkers = explainLane(lane, await liveWorkers(ctx));
  if (queue === undefined || !queue.is_limited || !byWorkers.endsWith('it is next.')) return byWorkers;
  return explainLimits(ctx, queue, row);
}
