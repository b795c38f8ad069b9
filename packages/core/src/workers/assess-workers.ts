import { sql, type Kysely, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { appendEvent, type NewEvent } from '../events/index.ts';
import { isSlow, RATE_MINUTES, readRates, type RateRow } from '../history/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { HEARTBEAT_MS } from './contract.ts';
import { LATE_BEATS } from './liveness.ts';

/** A job that told progress before and none for this many beats is stuck, when its worker is alive. */
const STUCK_BEATS = 12;

/** Advisory lock of this file; any constant will do as long as every server uses the same. */
const ASSESS_LOCK = 8_388_101_613;

interface Found {
  id: string;
  name: string;
  worker_type: string;
  last_heartbeat_at: string;
  is_stopped: boolean;
  is_lost: boolean;
  lost_jobs: string[];
  stuck_jobs: string[];
  was_lost: boolean;
  was_slow: boolean;
  was_stuck: string[];
}

interface Finding {
  readonly row: Found;
  readonly is_slow: boolean;
  readonly events: readonly NewEvent[];
}

/** Workers to assess even while nobody holds work: what is noted of them may no longer hold. */
export const MAY_HAVE_CHANGED = sql`
  select from worker w left join worker_flag f on f.worker_id = w.id
  where (w.stopped_at is null and w.last_heartbeat_at < now() - ${sql.lit(`${LATE_BEATS * HEARTBEAT_MS} ms`)}::interval) <> coalesce(f.is_lost, false)
    or f.is_slow or cardinality(f.stuck_jobs) > 0 or exists (
      select from throughput_bucket b where b.scope = 'worker' and b.key = w.id and b.grain = 'minute'
        and b.bucket_at > now() - ${sql.lit(`${RATE_MINUTES} minutes`)}::interval)`;

/** Every worker that is not signed off, or carries a mark, with what holds now and what was noted. */
async function readFound(db: Kysely<Database> | Transaction<Database>): Promise<Found[]> {
  const { rows } = await sql<Found>`
    with stuck as (
      select l.worker_id, array_agg(l.workload_id order by l.workload_id) as jobs
      from lease l join workload w on w.id = l.workload_id
      where (l.progressed_at is not null or w.checkpoint is not null) and l.expires_at > now()
        and coalesce(l.progressed_at, l.granted_at) < now() - ${`${STUCK_BEATS * HEARTBEAT_MS} ms`}::interval
      group by l.worker_id
    ), alive as (
      select *, stopped_at is null and last_heartbeat_at < now() - ${`${LATE_BEATS * HEARTBEAT_MS} ms`}::interval as is_lost from worker
    )
    select a.id, a.name, coalesce(n.lost_jobs, '{}') as lost_jobs, a.worker_type, a.last_heartbeat_at, a.is_lost, a.stopped_at is not null as is_stopped,
      case when a.is_lost or a.stopped_at is not null then '{}' else coalesce(s.jobs, '{}') end as stuck_jobs,
      coalesce(f.is_lost, false) as was_lost, coalesce(f.is_slow, false) as was_slow, coalesce(f.stuck_jobs, '{}') as was_stuck
    from alive a left join stuck s on s.worker_id = a.id left join worker_flag f on f.worker_id = a.id
    left join worker_session n on n.worker_id = a.id and n.session = a.session
    where a.stopped_at is null or f.is_lost or f.is_slow or cardinality(f.stuck_jobs) > 0
    order by a.id`.execute(db);
  return rows;
}

function recovered(row: Found, from: 'lost' | 'slow' | 'stuck', more: object = {}): NewEvent {
  return { type: 'worker.recovered', id: row.id, name: row.name, from, ...more };
}

/** What changed since it was noted, as events; none when nothing did. */
function judge(row: Found, rate: RateRow | undefined): Finding {
  // Whoever is lost or has signed off is not well again: its marks go without an event.
  const isAlive = !row.is_lost && !row.is_stopped;
  const slowNow = isAlive && rate !== undefined && isSlow(rate, row.was_slow);
  const events: NewEvent[] = [];
  const base = { id: row.id, name: row.name, worker_type: row.worker_type };
  if (row.is_lost && !row.was_lost)
    events.push({ type: 'worker.lost', ...base, last_heartbeat_at: row.last_heartbeat_at, job_ids: row.lost_jobs });
  if (isAlive && row.was_lost) events.push(recovered(row, 'lost'));
  if (slowNow && !row.was_slow) {
    events.push({
      type: 'worker.slow',
      ...base,
      keys_per_second: rate.keys_per_second,
      type_median_keys_per_second: rate.type_median_keys_per_second,
    });
  }
  if (!slowNow && row.was_slow && isAlive) events.push(recovered(row, 'slow'));
  const fresh = row.stuck_jobs.filter((job) => !row.was_stuck.includes(job));
  if (fresh.length > 0) events.push({ type: 'worker.stuck', ...base, job_ids: fresh });
  const moving = row.was_stuck.filter((job) => !row.stuck_jobs.includes(job));
  if (moving.length > 0 && isAlive) events.push(recovered(row, 'stuck', { job_ids: moving }));
  return { row, is_slow: slowNow, events };
}

function hasChanged({ row, is_slow }: Finding): boolean {
  return row.is_lost !== row.was_lost || is_slow !== row.was_slow || row.stuck_jobs.join() !== row.was_stuck.join();
}

/** Sessions end when their worker is lost or signed off, and go on when it is back. */
async function settleSessions(tx: Transaction<Database>, findings: readonly Finding[]): Promise<void> {
  for (const { row } of findings.filter(({ row: { is_lost, was_lost } }) => is_lost !== was_lost)) {
    if (row.is_lost) {
      await sql`update worker_session set ended_at = greatest(started_at, ${row.last_heartbeat_at}::timestamptz), end_reason = 'lost'
        where worker_id = ${row.id} and ended_at is null`.execute(tx);
    } else {
      await sql`update worker_session s set ended_at = null, end_reason = null from worker w
        where w.id = ${row.id} and w.stopped_at is null and s.worker_id = w.id and s.session = w.session and s.end_reason = 'lost'`.execute(
        tx,
      );
    }
  }
}

async function noteFlags(tx: Transaction<Database>, findings: readonly Finding[]): Promise<void> {
  for (const { row, is_slow } of findings) {
    const set = { is_lost: row.is_lost, is_slow, stuck_jobs: row.stuck_jobs, updated_at: sql<string>`now()` };
    await tx
      .insertInto('worker_flag')
      .values({ worker_id: row.id, ...set })
      .onConflict((conflict) => conflict.column('worker_id').doUpdateSet(set))
      .execute();
  }
}

/**
 * Finds workers that are lost, slow or stuck, and those that no longer are; notes it and says so once, as events of the
 * stream `workers`. Answers how many changed.
 */
export async function assessWorkers(ctx: CoreContext): Promise<number> {
  const rates = new Map((await readRates(ctx)).map((rate) => [rate.worker_id, rate]));
  const judgeAll = (rows: readonly Found[]): Finding[] => rows.map((row) => judge(row, rates.get(row.id))).filter(hasChanged);
  if (judgeAll(await readFound(ctx.database.db)).length === 0) return 0;
  const changed = await ctx.database.db.transaction().execute(async (tx) => {
    // Two servers that sweep at once must not tell the same news twice.
    await sql`select pg_advisory_xact_lock(${ASSESS_LOCK}::bigint)`.execute(tx);
    const findings = judgeAll(await readFound(tx));
    await settleSessions(tx, findings);
    await noteFlags(tx, findings);
    await appendEvent(
      tx,
      'workers',
      findings.flatMap(({ events }) => events),
    );
    return findings.length;
  });
  if (changed > 0) ctx.hub.publish(['workers']);
  return changed;
}
