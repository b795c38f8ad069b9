import { sql, type Transaction } from 'kysely';
import { decodeCursor, encodeCursor } from '../cursors.ts';
import type { Database } from '../db/schema.ts';
import { invalid, notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { HEARTBEAT_MS, type ListWorkerSessionsInput, type ListWorkerSessionsOutput } from './contract.ts';
import { LATE_BEATS } from './liveness.ts';

/** Jobs a session remembers to have lost. */
const MAX_LOST_JOBS = 100;

const LOST_AFTER = `${LATE_BEATS * HEARTBEAT_MS} ms`;

/**
 * Ends the open session of a worker, if it has one: as it really ended when that was not noticed yet (a sign-off, a loss),
 * otherwise for the reason given. The worker's row must still be as it was.
 */
export async function endSession(tx: Transaction<Database>, workerId: string, reason: 'replaced' | 'forgotten'): Promise<void> {
  await sql`
    update worker_session s set
      ended_at = greatest(s.started_at, case when w.stopped_at is not null then w.stopped_at
        when w.last_heartbeat_at < now() - ${LOST_AFTER}::interval then w.last_heartbeat_at else now() end),
      end_reason = case when w.stopped_at is not null then 'stopped'
        when w.last_heartbeat_at < now() - ${LOST_AFTER}::interval then 'lost' else ${reason} end
    from worker w where w.id = ${workerId} and s.worker_id = w.id and s.ended_at is null`.execute(tx);
}

/** Opens the session of a registration that was just written. */
export async function openSession(tx: Transaction<Database>, workerId: string): Promise<void> {
  await sql`
    insert into worker_session (worker_id, session, worker_type, version, host, labels, slots)
    select id, session, worker_type, version, host, labels, slots from worker where id = ${workerId}`.execute(tx);
}

/** A worker that signed off and yet beats again goes on with its session. */
export async function reopenSession(ctx: CoreContext, workerId: string): Promise<void> {
  await sql`
    update worker_session s set ended_at = null, end_reason = null from worker w
    where w.id = ${workerId} and w.stopped_at is null and s.worker_id = w.id and s.session = w.session and s.end_reason = 'stopped'`.execute(
    ctx.database.db,
  );
}

/** The number of the latest session under this id, also of a forgotten worker; 0 for a new one. */
export async function lastSession(tx: Transaction<Database>, workerId: string): Promise<number> {
  const row = await tx
    .selectFrom('worker_session')
    .select('session')
    .where('worker_id', '=', workerId)
    .orderBy('session', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.session ?? 0;
}

/** Notes the jobs whose leases ran out, on the last session of each worker. */
export async function noteLostJobs(ctx: CoreContext, lost: readonly { worker_id: string; job_id: string }[]): Promise<void> {
  const byWorker = Map.groupBy(lost, (entry) => entry.worker_id);
  for (const [workerId, entries] of byWorker) {
    const jobs = entries.map((entry) => entry.job_id);
    await sql`
      update worker_session set lost_jobs = (lost_jobs || ${jobs}::text[])[greatest(1, cardinality(lost_jobs) + ${jobs.length}::int - ${MAX_LOST_JOBS - 1}::int):]
      where worker_id = ${workerId} and session = (select max(session) from worker_session where worker_id = ${workerId})`.execute(
      ctx.database.db,
    );
  }
}

/** Sessions of a worker, the latest first; also those of a forgotten one. @throws {AppError} NOT_FOUND */
export async function listWorkerSessions(ctx: CoreContext, input: ListWorkerSessionsInput): Promise<ListWorkerSessionsOutput> {
  let query = ctx.database.db
    .selectFrom('worker_session')
    .selectAll()
    .where('worker_id', '=', input.id)
    .orderBy('session', 'desc')
    .limit(input.limit + 1);
  if (input.cursor !== undefined) {
    const before = decodeCursor('sessions', input.cursor);
    if (!/^\d{1,9}$/.test(before)) throw invalid('cursor', 'is not a cursor of this list; use the next_cursor of its previous page');
    query = query.where('session', '<', Number(before));
  }
  const rows = await query.execute();
  if (rows.length === 0 && input.cursor === undefined) throw notFound('worker', input.id);
  const items = rows.slice(0, input.limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > input.limit && last !== undefined ? encodeCursor('sessions', String(last.session)) : null };
}
