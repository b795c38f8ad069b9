import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';

const BATCH = 1000;

/** How long what is kept. Details of failures are what people come back for; day buckets and outages stay. */
export const KEEP_DAYS = { passed_details: 7, failed_details: 90, runs: 30, failed_runs: 90, minutes: 8, hours: 100, days: 1825 } as const;

async function inBatches(remove: () => Promise<bigint | number | undefined>): Promise<number> {
  let total = 0;
  for (;;) {
    const count = Number((await remove()) ?? 0);
    total += count;
    if (count < BATCH) return total;
  }
}

/** Removes runs of one outcome that are too old, and takes them out of the totals of their lists. */
function pruneOutcome(ctx: CoreContext, passed: boolean): Promise<number> {
  const days = passed ? KEEP_DAYS.runs : KEEP_DAYS.failed_runs;
  return inBatches(async () => {
    const { rows } = await sql<{ count: number }>`
      with gone as (
        delete from run where run_id in (
          select run_id from run where started_at < now() - make_interval(days => ${days}) and passed = ${passed} limit ${BATCH} for update skip locked)
        returning test_id, passed, started_at
      ), sums as (
        select test_id, count(*) as runs, count(*) filter (where not passed) as failed, max(started_at) as last_at from gone group by test_id
      ),
      taken as (
        update monitor_state s set run_total = s.run_total - sums.runs, failed_total = s.failed_total - sums.failed,
          counted_from = greatest(s.counted_from, sums.last_at + interval '1 millisecond') from sums where s.test_id = sums.test_id
      )
      select count(*)::int as count from gone`.execute(ctx.database.db);
    return rows[0]?.count;
  });
}

/**
 * Removes what the history of monitors no longer keeps, in small batches beside the running work. Figures over whole days stay
 * exact as long as the buckets do. Idempotent.
 */
export async function pruneRuns(ctx: CoreContext): Promise<number> {
  const { db } = ctx.database;
  const details = await inBatches(async () => {
    const result = await sql`delete from run_detail where run_id in (
      select d.run_id from run_detail d join run r on r.run_id = d.run_id
      where r.started_at < now() - make_interval(days => case when r.passed then ${KEEP_DAYS.passed_details}::int else ${KEEP_DAYS.failed_details}::int end) limit ${BATCH})`.execute(
      db,
    );
    return result.numAffectedRows;
  });
  const runs = (await pruneOutcome(ctx, true)) + (await pruneOutcome(ctx, false));
  await sql`delete from run_bucket where bucket_at < now() - make_interval(days => case bucket_seconds when 300 then ${KEEP_DAYS.minutes}::int
    when 3600 then ${KEEP_DAYS.hours}::int else ${KEEP_DAYS.days}::int end)`.execute(db);
  await sql`delete from run_histogram where bucket_at < now() - make_interval(days => case bucket_seconds when 3600 then ${KEEP_DAYS.hours}::int
    else ${KEEP_DAYS.days}::int end)`.execute(db);
  await sql`delete from delivery where status in ('delivered', 'failed') and created_at < now() - interval '180 days'`.execute(db);
  return details + runs;
}
