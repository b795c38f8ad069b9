import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';

const BUCKETS_KEPT_DAYS = 90;
const GROUPS_KEPT_DAYS = 180;

/** Forgets hours long past, and groups that have not been seen for half a year. Idempotent. */
export async function pruneFailures(ctx: CoreContext): Promise<void> {
  const { db } = ctx.database;
  await sql`delete from failure_bucket where bucket_at < now() - make_interval(days => ${BUCKETS_KEPT_DAYS})`.execute(db);
  await sql`delete from failure_group where last_at < now() - make_interval(days => ${GROUPS_KEPT_DAYS})`.execute(db);
}
