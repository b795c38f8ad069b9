import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';

const KEEP_MINUTES_DAYS = 7;
const KEEP_HOURS_DAYS = 400;

/** Removes what happened per minute a week ago and per hour 400 days ago; days are kept. Answers how many rows it removed. */
export async function pruneBuckets(ctx: CoreContext): Promise<number> {
  const { numAffectedRows } = await sql`delete from publication_bucket
    where (grain = 'minute' and bucket_at < now() - ${`${KEEP_MINUTES_DAYS} days`}::interval)
      or (grain = 'hour' and bucket_at < now() - ${`${KEEP_HOURS_DAYS} days`}::interval)`.execute(ctx.database.db);
  return Number(numAffectedRows ?? 0n);
}
