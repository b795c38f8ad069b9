import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import { PLATFORM_KEYS } from '../platforms/contract.ts';
import type { PublishingStatsInput, QueueStats } from './contract.ts';
import { windowSums } from './read-window.ts';
import { ofPlatform, windowOf, type Window } from './window.ts';

interface Sums {
  pending: number;
  processing: number;
  success: number;
  failed: number;
  scheduled: number;
  unconfirmed: number;
  clock_skew: number;
  duration_ms_sum: number;
  duration_count: number;
  oldest_seconds: number | null;
}

const SUMS = `coalesce(sum(pending), 0)::bigint as pending, coalesce(sum(processing), 0)::bigint as processing,
  coalesce(sum(success), 0)::bigint as success, coalesce(sum(failed), 0)::bigint as failed, coalesce(sum(scheduled), 0)::bigint as scheduled,
  coalesce(sum(unconfirmed), 0)::bigint as unconfirmed, coalesce(sum(clock_skew), 0)::bigint as clock_skew,
  coalesce(sum(duration_ms_sum), 0)::bigint as duration_ms_sum, coalesce(sum(duration_count), 0)::bigint as duration_count`;

/** Everything, of the platform $1 or of all. The oldest due item of each platform is the first entry of a partial index. */
const COUNTERS = {
  name: 'read_publishing_queue',
  text: `select ${SUMS}, (
    select extract(epoch from now() - min(p.due_at))::float8 from (values ${PLATFORM_KEYS.map((key) => `('${key}')`).join(', ')}) as k(key)
    cross join lateral (select due_at from publication where status = 'pending' and platform_key = k.key and due_at <= now()
      order by due_at limit 1) as p where $1::text is null or k.key = $1) as oldest_seconds
  from publishing_counter where $1::text is null or platform_key = $1`,
};

async function readWindow(ctx: CoreContext, input: PublishingStatsInput, window: Window): Promise<Sums | undefined> {
  const { rows } = await sql<Sums>`
    select ${sql.raw(SUMS)}, (select extract(epoch from now() - min(due_at))::float8 from publication
      where status = 'pending' and due_at <= now() and ${window.within('requested_at')} and ${ofPlatform(window)}) as oldest_seconds
    from (${windowSums(input)}) as sums`.execute(ctx.database.db);
  return rows[0];
}

/**
 * How the queue stands, one round trip to counters. An age counts from when the item was requested or due, whichever is later.
 * **Source:** requirement 004, `/dashboard/stats/queue`.
 */
export async function getQueueStats(ctx: CoreContext, input: PublishingStatsInput): Promise<QueueStats> {
  const window = windowOf(input);
  const row = window.isOpen ? (await ctx.database.reader.run<Sums>(COUNTERS, [window.platform]))[0] : await readWindow(ctx, input, window);
  if (row === undefined) throw new Error('unreachable: aggregates always have a row');
  return {
    pending: row.pending,
    processing: row.processing,
    success: row.success,
    failed: row.failed,
    avg_processing_time_ms: row.duration_count === 0 ? null : row.duration_ms_sum / row.duration_count,
    oldest_pending_age_seconds: row.oldest_seconds === null ? null : Math.max(0, row.oldest_seconds),
    scheduled: row.scheduled,
    unconfirmed: row.unconfirmed,
    clock_skew: row.clock_skew,
    sample_count: row.duration_count,
  };
}
