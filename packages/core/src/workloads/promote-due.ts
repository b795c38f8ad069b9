import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';

const BATCH = 1000;

/** Makes scheduled and backed-off workloads whose time has come ready to be claimed, and wakes the agents that wait for them. */
export async function promoteDue(ctx: CoreContext): Promise<number> {
  let promoted = 0;
  for (;;) {
    const { rows } = await sql<{ lane_id: number }>`
      update workload set wake_at = null, status_reason = 'queued'
      where id in (select id from workload where wake_at is not null and wake_at <= now() order by wake_at limit ${BATCH} for update skip locked)
      returning lane_id`.execute(ctx.database.db);
    if (rows.length === 0) return promoted;
    promoted += rows.length;
    ctx.hub.publish(['workloads', ...new Set(rows.map((row) => `lane:${row.lane_id}`))]);
    if (rows.length < BATCH) return promoted;
  }
}

/** Milliseconds until the next workload wakes, by the database's clock; null when none waits for a time. */
export async function nextWakeMs(ctx: CoreContext): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(wake_at) - now()) * 1000)::float8 as ms from workload where wake_at is not null and wake_at < 'infinity'`.execute(
    ctx.database.db,
  );
  return rows[0]?.ms ?? null;
}
