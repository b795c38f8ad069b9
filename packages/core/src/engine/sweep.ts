import { sql } from 'kysely';
import { sweepLeases } from '../jobs/index.ts';
import { GRANT_AGE_MS, settleGrants } from '../leases/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { LEASE_MS } from '../workers/contract.ts';
import { assessWorkers, MAY_HAVE_CHANGED } from '../workers/index.ts';
import { expireWorkloads, IS_WAITING } from '../workloads/index.ts';

/** How often leases are swept, by one server at a time. */
export const SWEEP_MS = 5000;

/** Nobody swept for this long: the control plane was away, and agents could not renew. */
const OUTAGE_MS = 15_000;

/** After an outage nobody is called lost for this long: every worker was silent. */
const QUIET_MS = 60_000;

interface Round {
  /** How long nobody had swept. */
  readonly away_ms: number;
  readonly has_due_leases: boolean;
  readonly has_due_workloads: boolean;
  /** A worker is lost or back, carries a mark that may go, or holds work that may be slow or stuck. */
  readonly has_worker_news: boolean;
  /** Soon after an outage. */
  readonly is_quiet: boolean;
}

/**
 * Makes this server the sweeper of this round, unless another one was, and looks what there is to do: one statement when idle.
 * A row decides, not a session lock: an embedded database has one session, and poolers break them on PostgreSQL.
 */
async function electSelf(ctx: CoreContext): Promise<Round | null> {
  const { rows } = await sql<Round>`
    with before as (select value #>> '{}' as at from setting where key = 'sweep'
    ), won as (
      update setting set value = to_jsonb(now()), updated_at = now()
      from before
      where key = 'sweep' and (before.at is null or before.at::timestamptz < now() - ${`${SWEEP_MS - 1000} ms`}::interval)
      returning coalesce((extract(epoch from now() - before.at::timestamptz) * 1000)::bigint, 0) as away_ms
    )
    select away_ms,
      exists (select from lease where expires_at < now() or cancel_deadline_at < now() or deadline_at < now())
        or exists (select from lease_grant where granted_at < now() - ${`${GRANT_AGE_MS} ms`}::interval) as has_due_leases,
      exists (select from workload where start_deadline_at < now() and ${IS_WAITING})
        or exists (select from workload where deadline_at < now() and ${IS_WAITING})
        or exists (select from workload where status_reason = 'external') as has_due_workloads,
      exists (select from lease) or exists (${MAY_HAVE_CHANGED}) as has_worker_news,
      exists (select from setting where key = 'outage' and (value #>> '{}')::timestamptz > now() - ${`${QUIET_MS} ms`}::interval) as is_quiet
    from won`.execute(ctx.database.db);
  return rows[0] ?? null;
}

/** Extends every lease once by one lease time, so that an outage of the control plane does not re-run the fleet's work. */
async function grantAmnesty(ctx: CoreContext, awayMs: number): Promise<void> {
  await settleGrants(ctx, 0);
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

/** One round: amnesty after an outage, then leases, deadlines and workers. Does nothing when another server swept just now. */
export async function sweep(ctx: CoreContext): Promise<void> {
  const round = await electSelf(ctx);
  if (round === null) return;
  const wasAway = round.away_ms > OUTAGE_MS;
  if (wasAway) {
    await grantAmnesty(ctx, round.away_ms);
    await beginQuiet(ctx);
  }
  const leases = round.has_due_leases ? await sweepLeases(ctx) : 0;
  const workloads = round.has_due_workloads ? await expireWorkloads(ctx) : 0;
  if (round.has_worker_news && !round.is_quiet && !wasAway) await assessWorkers(ctx);
  if (leases + workloads > 0) ctx.log.info({ leases, workloads }, 'swept what ran out of time');
}
