import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';

/** How long rows and roll-ups are kept; days stay. */
const HISTORY_KEPT_DAYS = 90;
const MINUTES_KEPT_DAYS = 14;
const HOURS_KEPT_DAYS = 400;
const BATCH = 5000;

async function removeOld(ctx: CoreContext, statement: ReturnType<typeof sql>): Promise<number> {
  for (let removed = 0; ;) {
    const { numAffectedRows = 0n } = await statement.execute(ctx.database.db);
    removed += Number(numAffectedRows);
    if (numAffectedRows < BigInt(BATCH)) return removed;
  }
}

/** Removes packs whose last report is past its time; answers how many reports they held. */
async function removePacks(ctx: CoreContext): Promise<number> {
  for (let removed = 0; ;) {
    const { rows } = await sql<{ reports: number }>`
      delete from worker_history_pack where id in (
        select id from worker_history_pack where last_at < now() - ${`${HISTORY_KEPT_DAYS} days`}::interval order by last_at, id limit ${BATCH})
      returning cardinality(job_ids) as reports`.execute(ctx.database.db);
    removed += rows.reduce((sum, row) => sum + row.reports, 0);
    if (rows.length < BATCH) return removed;
  }
}

/** Removes history and roll-ups past their time, in small batches. Answers how many rows went. */
export async function pruneHistory(ctx: CoreContext): Promise<number> {
  const rows = await removePacks(ctx);
  let buckets = 0;
  for (const [grain, days] of [['minute', MINUTES_KEPT_DAYS] as const, ['hour', HOURS_KEPT_DAYS] as const]) {
    buckets += await removeOld(
      ctx,
      sql`delete from throughput_bucket where (scope, key, grain, bucket_at) in (
        select scope, key, grain, bucket_at from throughput_bucket
        where grain = ${grain} and bucket_at < now() - ${`${days} days`}::interval limit ${BATCH})`,
    );
  }
  return rows + buckets;
}
