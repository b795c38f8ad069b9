import { sql, type Selectable } from 'kysely';
import { decodeCursor, encodeCursor } from '../cursors.ts';
import type { WorkerTable } from '../db/schema.ts';
import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { Isolation } from '../workloads/contract.ts';
import { HEARTBEAT_MS, type Liveness, type ListWorkersInput, type ListWorkersOutput, type Worker } from './contract.ts';
import { LATE_BEATS, livenessOf, ONLINE_BEATS } from './liveness.ts';

type WorkerRow = Selectable<WorkerTable> & { age_ms: number; slots_used: number };

function toWorker(row: WorkerRow): Worker {
  const isDraining = row.draining || row.drain_requested;
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
    liveness: livenessOf({ age_ms: row.age_ms, draining: isDraining, stopped_at: row.stopped_at }),
    draining: isDraining,
    clock_skew_ms: row.clock_skew_ms,
    registered_at: row.registered_at,
    last_heartbeat_at: row.last_heartbeat_at,
    stopped_at: row.stopped_at,
  };
}

function selectWorkers(ctx: CoreContext) {
  return ctx.database.db
    .selectFrom('worker')
    .selectAll('worker')
    .select(sql<number>`(extract(epoch from now() - worker.last_heartbeat_at) * 1000)::bigint`.as('age_ms'))
    .select(sql<number>`(select count(*)::int from lease where lease.worker_id = worker.id)`.as('slots_used'));
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
  let query = selectWorkers(ctx).orderBy('worker.id', 'desc').limit(input.limit + 1);
  if (input.cursor !== undefined) query = query.where('worker.id', '<', decodeCursor('workers', input.cursor));
  if (input.liveness !== undefined) query = query.where(livenessIs(input.liveness));
  const rows = await query.execute();
  const page = rows.slice(0, input.limit);
  const last = page.at(-1);
  return { items: page.map(toWorker), next_cursor: rows.length > input.limit && last !== undefined ? encodeCursor('workers', last.id) : null };
}

/** One worker. @throws {AppError} NOT_FOUND */
export async function getWorker(ctx: CoreContext, input: { id: string }): Promise<Worker> {
  const row = await selectWorkers(ctx).where('worker.id', '=', input.id).executeTakeFirst();
  if (row === undefined) throw notFound('worker', input.id);
  return toWorker(row);
}
