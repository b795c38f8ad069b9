import { sql } from 'kysely';
import { PLATFORM_KEYS } from '../platforms/contract.ts';
import type { CoreContext } from '../ports/index.ts';
import type { OrchestratorStats, PublishingStatsInput } from './contract.ts';
import { windowSums } from './read-window.ts';
import { windowOf } from './window.ts';

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

/** Created in the seconds at the edge of the last hours; whole hours and minutes come from the buckets. $1: the platforms. */
const EDGE = (hours: number): string => `(select count(*) from publication where platform_key = any($1::text[])
    and created_at > now() - interval '${hours} h' and created_at < date_trunc('minute', now() - interval '${hours} h') + interval '1 min')`;
const MINUTE = (hours: number): string => `date_trunc('minute', now() - interval '${hours} h') + interval '1 min'`;
/** The begin of this hour, or of one so many hours ago: all in the zone of the session, which is UTC. */
const HOUR = (ago: number): string => `date_trunc('hour', now()) - interval '${ago} h'`;
const BUCKETS = `from publication_bucket where platform_key = any($1::text[])`;

const ACTIVITY = `
  select a.hour + ${EDGE(1)} as actions_last_run, a.day + ${EDGE(24)} as actions_last_24h,
    (select max(p.created_at) from unnest($1::text[]) as k(key) cross join lateral (
      select created_at from publication where platform_key = k.key order by created_at desc limit 1) as p) as last_run_at,
    (select count(distinct id) from social_account where processing_count > 0 and platform_key = any($1::text[])) as active_workers,
    (select value from setting where key = 'publish_tick') as tick,
    (select coalesce(sum(slots), 0)::bigint from worker where stopped_at is null and last_heartbeat_at > now() - interval '30 s'
      and 'publish' = any(kinds)) as slots_total,
    (select coalesce(sum(running), 0)::bigint from counter join lane on lane.id = lane_id where kind = 'publish') as slots_busy
  from (
    select coalesce(sum(created) filter (where in_day), 0)::bigint as day, coalesce(sum(created) filter (where in_run), 0)::bigint as hour
    from (
      select created, true as in_day, bucket_at >= ${HOUR(0)} as in_run ${BUCKETS} and grain = 'hour' and bucket_at >= ${HOUR(23)}
      union all
      select created, true, false ${BUCKETS} and grain = 'minute' and bucket_at >= ${MINUTE(24)} and bucket_at < ${HOUR(23)}
      union all
      select created, false, true ${BUCKETS} and grain = 'minute' and bucket_at >= ${MINUTE(1)} and bucket_at < ${HOUR(0)}
    ) as parts) as a`;
const SATURATION = `select coalesce(sum(pending + processing), 0)::bigint as waiting,
  coalesce(sum(pending + scheduled + processing + success + failed), 0)::bigint as "all"`;
const COUNTERS = {
  name: 'read_publishing_orchestrator',
  text: `select * from (${ACTIVITY}) as activity, (${SATURATION} from publishing_counter where platform_key = any($1::text[])) as saturation`,
};
const ACTIVE = { name: 'read_publishing_activity', text: ACTIVITY };

/** The rest of what is told, of the publications requested in a window. */
async function readWindow(ctx: CoreContext, input: PublishingStatsInput, platforms: readonly string[]): Promise<Row[]> {
  const [activity, { rows }] = await Promise.all([
    ctx.database.reader.run<Row>(ACTIVE, [platforms]),
    sql<Pick<Row, 'waiting' | 'all'>>`${sql.raw(SATURATION)} from (${windowSums(input)}) as sums`.execute(ctx.database.db),
  ]);
  return activity.map((row) => ({ ...row, ...rows[0] }));
}

/**
 * What the orchestrator does, one round trip to counters and small reads. A window chooses what saturation is of.
 * **Source:** requirement 004, `/dashboard/stats/orchestrator`.
 */
export async function getOrchestratorStats(ctx: CoreContext, input: PublishingStatsInput): Promise<OrchestratorStats> {
  const window = windowOf(input);
  const platforms = window.platform === null ? PLATFORM_KEYS : [window.platform];
  const rows = window.isOpen ? await ctx.database.reader.run<Row>(COUNTERS, [platforms]) : await readWindow(ctx, input, platforms);
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
