import { sql, type Selectable } from 'kysely';
import { decodeCursor, encodeCursor } from '../cursors.ts';
import type { WorkerTable } from '../db/schema.ts';
import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { Isolation } from '../workloads/contract.ts';
import { HEARTBEAT_MS, type Liveness, type ListWorkersInput, type ListWorkersOutput, type Worker } from './contract.ts';
import { LATE_BEATS, livenessOf, ONLINE_BEATS } from './liveness.ts';

type WorkerRow = Selectable<WorkerTable> & {
  age_ms: number;
  slots_used: number;
  leased_jobs: string[];
  lost_jobs: string[];
  is_slow: boolean;
  stuck_jobs: string[];
};

const MAX_HELD_JOBS = 100;

function toWorker(row: WorkerRow): Worker {
  const isDraining = row.draining || row.drain_requested;
  const liveness = livenessOf({ age_ms: row.age_ms, draining: isDraining, stopped_at: row.stopped_at });
  return {
    id: row.id,
    name: row.name,
    worker_type: row.worker_type,
    version: row.version,
    host: row.host,
    isolations: row.isolations as Isolation[],
    kinds: row.kinds,
    queues: row.queues,
    slots: row.slots,
    slots_used: row.slots_used,
    labels: row.labels,
    liveness,
    draining: isDraining,
    drain_requested: row.drain_requested,
    quarantined: row.quarantined,
    session: row.session,
    held_jobs: [...new Set([...row.leased_jobs, ...(liveness === 'lost' ? row.lost_jobs : [])])].slice(0, MAX_HELD_JOBS),
    is_slow: row.is_slow,
    stuck_jobs: row.stuck_jobs,
    clock_skew_ms: row.clock_skew_ms,
    registered_at: row.registered_at,
    last_heartbeat_at: row.last_heartbeat_at,
    stopped_at: row.stopped_at,
  };
}

function selectWorkers(ctx: CoreContext) {
  // Leases have no index on the worker: they are read once for the page, not once per worker.
  const held = ctx.database.db
    .selectFrom('open_lease')
    .select([
      'worker_id',
      sql<number>`count(*)::int`.as('slots_used'),
      sql<string[]>`(array_agg(workload_id order by workload_id))[:${sql.lit(MAX_HELD_JOBS)}]`.as('jobs'),
    ])
    .groupBy('worker_id')
    .as('held');
  return ctx.database.db
    .selectFrom('worker')
    .leftJoin(held, 'held.worker_id', 'worker.id')
    .leftJoin('worker_flag', 'worker_flag.worker_id', 'worker.id')
    .leftJoin('worker_session', (join) =>
      join.onRef('worker_session.worker_id', '=', 'worker.id').onRef('worker_session.session', '=', 'worker.session'),
    )
    .selectAll('worker')
    .select([
      sql<number>`(extract(epoch from now() - worker.last_heartbeat_at) * 1000)::bigint`.as('age_ms'),
      sql<number>`coalesce(held.slots_used, 0)`.as('slots_used'),
      sql<string[]>`coalesce(held.jobs, '{}')`.as('leased_jobs'),
      sql<string[]>`coalesce(worker_session.lost_jobs, '{}')`.as('lost_jobs'),
      sql<boolean>`coalesce(worker_flag.is_slow, false)`.as('is_slow'),
      sql<string[]>`coalesce(worker_flag.stuck_jobs, '{}')`.as('stuck_jobs'),
    ]);
}

/** The same bounds as `livenessOf`, said to the database. */
function livenessIs(liveness: Liveness) {
  const age = sql`now() - worker.last_heartbeat_at`;
  const late = sql`${`${ONLINE_BEATS * HEARTBEAT_MS} ms`}::interval`;
  const lost = sql`${`${LATE_BEATS * HEARTBEAT_MS} ms`}::interval`;
  const isDraining = sql`(worker.draining or worker.drain_requested)`;
  switch (liveness) {
    case 'stopped':
      return sql<boolean>`worker.stopped_at is not null`;
    case 'lost':
      return sql<boolean>`worker.stopped_at is null and ${age} > ${lost}`;
    case 'late':
      return sql<boolean>`worker.stopped_at is null and ${age} > ${late} and ${age} <= ${lost}`;
    case 'draining':
      return sql<boolean>`worker.stopped_at is null and ${age} <= ${late} and ${isDraining}`;
    default:
      return sql<boolean>`worker.stopped_at is null and ${age} <= ${late} and not ${isDraining}`;
  }
}

/** Workers by newest registration id first; `liveness` is derived while reading. */
export async function listWorkers(ctx: CoreContext, input: ListWorkersInput): Promise<ListWorkersOutput> {
  let query = selectWorkers(ctx)
    .orderBy('worker.id', 'desc')
    .limit(input.limit + 1);
  if (input.cursor !== undefined) query = query.where('worker.id', '<', decodeCursor('workers', input.cursor));
  if (input.liveness !== undefined) query = query.where(livenessIs(input.liveness));
  const rows = await query.execute();
  const page = rows.slice(0, input.limit);
  const last = page.at(-1);
  return {
    items: page.map(toWorker),
    next_cursor: rows.length > input.limit && last !== undefined ? encodeCursor('workers', last.id) : null,
  };
}

/** One worker. @throws {AppError} NOT_FOUND */
export async function getWorker(ctx: CoreContext, input: { id: string }): Promise<Worker> {
  const row = await selectWorkers(ctx).where('worker.id', '=', input.id).executeTakeFirst();
  if (row === undefined) throw notFound('worker', input.id);
  return toWorker(row);
}
