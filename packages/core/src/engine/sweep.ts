import { sql } from 'kysely';
import { sweepLeases } from '../jobs/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { LEASE_MS } from '../workers/contract.ts';
import { assessWorkers } from '../workers/index.ts';
import { expireWorkloads } from '../workloads/index.ts';

/** How often leases are swept, by one server at a time. */
export const SWEEP_MS = 5000;

/** Nobody swept for this long: the control plane was away, and agents could not renew. */
const OUTAGE_MS = 15_000;

/** After an outage nobody is called lost for this long: every worker was silent. */
const QUIET_MS = 60_000;

/**
 * Makes this server the sweeper of this round, unless another one was. Answers how long nobody had swept, or null.
 * A row decides, not a session lock: an embedded database has one session, and poolers break them on PostgreSQL.
 */
async function electSelf(ctx: CoreContext): Promise<number | null> {
  const { rows } = await sql<{ away_ms: number }>`
    with before as (select value #>> '{}' as at from setting where key = 'sweep')
    update setting set value = to_jsonb(now()), updated_at = now()
    from before
    where key = 'sweep' and (before.at is null or before.at::timestamptz < now() - ${`${SWEEP_MS - 1000} ms`}::interval)
    returning coalesce((extract(epoch from now() - before.at::timestamptz) * 1000)::bigint, 0) as away_ms`.execute(ctx.database.db);
  return rows[0]?.away_ms ?? null;
}

/** Extends every lease once by one lease time, so that an outage of the control plane does not re-run the fleet's work. */
async function grantAmnesty(ctx: CoreContext, awayMs: number): Promise<void> {
  const { numUpdatedRows } = await ctx.database.db
    .updateTable('lease')
    .set({ expires_at: sql<string>`greatest(expires_at, now() + ${`${LEASE_MS} ms`}::interval)` })
    .executeTakeFirst();
  if (numUpdatedRows > 0n)
    ctx.log.warn({ away_ms: awayMs, leases: Number(numUpdatedRows) }, 'nobody swept for a while: every lease is extended once');
}

/** Notes the outage; no mark of an earlier one is needed. */
async function beginQuiet(ctx: CoreContext): Promise<void> {
  await sql`insert into setting (key, value) values ('outage', to_jsonb(now()))
    on conflict (key) do update set value = excluded.value, updated_at = now()`.execute(ctx.database.db);
}

async function isQuiet(ctx: CoreContext): Promise<boolean> {
  const { rows } = await sql<{ is_quiet: boolean }>`
    select (value #>> '{}')::timestamptz > now() - ${`${QUIET_MS} ms`}::interval as is_quiet from setting where key = 'outage'`.execute(
    ctx.database.db,
  );
  return rows[0]?.is_quiet === true;
}

/** One round: amnesty after an outage, then leases, deadlines and workers. Does nothing when another server swept just now. */
export async function sweep(ctx: CoreContext): Promise<void> {
  const awayMs = await electSelf(ctx);
  if (awayMs === null) return;
  if (awayMs > OUTAGE_MS) {
    await grantAmnesty(ctx, awayMs);
    await beginQuiet(ctx);
  }
  const leases = await sweepLeases(ctx);
  const workloads = await expireWorkloads(ctx);
  if (!(await isQuiet(ctx))) await assessWorkers(ctx);
  if (leases + workloads > 0) ctx.log.info({ leases, workloads }, 'swept what ran out of time');
}
