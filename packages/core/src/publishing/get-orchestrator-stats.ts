import { sql, type RawBuilder } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import type { OrchestratorStats, PublishingStatsInput } from './contract.ts';
import { ofPlatform, windowOf, type Window } from './window.ts';

interface Row {
  last_run_at: string | null;
  actions_last_run: number;
  actions_last_24h: number;
  waiting: number;
  all: number;
  active_workers: number;
  tick: { last_tick_at?: string | null; duration_ms?: number | null; dispatched?: number | null; lag_seconds?: number | null } | null;
  slots_total: number;
  slots_busy: number;
}

/** Publications created since then: whole hours and minutes from the buckets, the seconds at the edge counted. */
function createdSince(hours: number, window: Window): RawBuilder<number> {
  const since = sql`now() - ${`${hours} hours`}::interval`;
  const minute = sql`date_trunc('minute', ${since}) + interval '1 minute'`;
  const hour = sql`date_trunc('hour', ${since}) + interval '1 hour'`;
  return sql<number>`(
    (select coalesce(sum(created), 0) from publication_bucket where grain = 'hour' and bucket_at >= ${hour} and ${ofPlatform(window)})
    + (select coalesce(sum(created), 0) from publication_bucket where grain = 'minute' and bucket_at >= ${minute} and bucket_at < ${hour} and ${ofPlatform(window)})
    + (select count(*) from publication where created_at > ${since} and created_at < ${minute} and ${ofPlatform(window)}))::bigint`;
}

function saturation(window: Window): RawBuilder<unknown> {
  if (window.isOpen) {
    return sql`select coalesce(sum(pending + processing), 0)::bigint as waiting,
      coalesce(sum(pending + scheduled + processing + success + failed), 0)::bigint as "all" from publishing_counter where ${ofPlatform(window)}`;
  }
  return sql`select count(*) filter (where status in ('pending', 'processing')) as waiting, count(*) filter (where status <> 'cancelled') as "all"
    from publication where ${window.within('requested_at')} and ${ofPlatform(window)}`;
}

/**
 * What the orchestrator does, one round trip to counters and small reads. A window chooses what saturation is of.
 * **Source:** requirement 004, `/dashboard/stats/orchestrator`.
 */
export async function getOrchestratorStats(ctx: CoreContext, input: PublishingStatsInput): Promise<OrchestratorStats> {
  const window = windowOf(input);
  const { rows } = await sql<Row>`
    select s.*, ${createdSince(1, window)} as actions_last_run, ${createdSince(24, window)} as actions_last_24h,
      (select created_at from publication where ${ofPlatform(window)} order by created_at desc limit 1) as last_run_at,
      (select count(distinct id) from social_account where processing_count > 0 and ${ofPlatform(window)}) as active_workers,
      (select value from setting where key = 'publish_tick') as tick,
      (select coalesce(sum(slots), 0)::bigint from worker where stopped_at is null and last_heartbeat_at > now() - interval '30 s'
        and 'publish' = any(kinds)) as slots_total,
      (select count(*) from lease where lane_id in (select id from lane where kind = 'publish')) as slots_busy
    from (${saturation(window)}) as s`.execute(ctx.database.db);
  const [row] = rows;
  if (row === undefined) throw new Error('unreachable: aggregates always have a row');
  return {
    last_run_at: row.last_run_at,
    actions_last_run: row.actions_last_run,
    actions_last_24h: row.actions_last_24h,
    queue_saturation: row.all === 0 ? 0 : Math.min(1, row.waiting / row.all),
    active_workers: row.active_workers,
    last_tick_at: typeof row.tick?.last_tick_at === 'string' ? new Date(row.tick.last_tick_at).toISOString() : null,
    last_tick_duration_ms: row.tick?.duration_ms ?? null,
    last_tick_dispatched: row.tick?.dispatched ?? null,
    lag_seconds: row.tick?.lag_seconds ?? null,
    slots_total: row.slots_total,
    slots_busy: row.slots_busy,
  };
}
