import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import { PLATFORM_KEYS } from '../platforms/contract.ts';
import type { PublishingStatsInput, QueueStats } from './contract.ts';
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

function sums(window: Window) {
  if (window.isOpen) {
    return sql`select coalesce(sum(pending), 0)::bigint as pending, coalesce(sum(processing), 0)::bigint as processing,
      coalesce(sum(success), 0)::bigint as success, coalesce(sum(failed), 0)::bigint as failed, coalesce(sum(scheduled), 0)::bigint as scheduled,
      coalesce(sum(unconfirmed), 0)::bigint as unconfirmed, coalesce(sum(clock_skew), 0)::bigint as clock_skew,
      coalesce(sum(duration_ms_sum), 0)::bigint as duration_ms_sum, coalesce(sum(duration_count), 0)::bigint as duration_count
      from publishing_counter where ${ofPlatform(window)}`;
  }
  return sql`select count(*) filter (where status = 'pending') as pending, count(*) filter (where status = 'processing') as processing,
    count(*) filter (where status = 'success') as success, count(*) filter (where status = 'failed') as failed,
    count(*) filter (where status = 'scheduled') as scheduled,
    count(*) filter (where status = 'failed' and sub_status = 'unconfirmed') as unconfirmed,
    count(*) filter (where published_at < requested_at) as clock_skew,
    coalesce(sum(extract(epoch from published_at - requested_at) * 1000) filter (where published_at >= requested_at), 0)::float8 as duration_ms_sum,
    count(*) filter (where published_at >= requested_at) as duration_count
    from publication where ${window.within('requested_at')} and ${ofPlatform(window)}`;
}

/** The oldest due item of each platform is the first entry of a partial index. */
function oldest(window: Window) {
  const keys = window.platform === null ? [...PLATFORM_KEYS] : [window.platform];
  return sql`select min(p.due_at) as due_at from unnest(${keys}::text[]) as k(key) cross join lateral (
    select due_at from publication where status = 'pending' and platform_key = k.key and due_at <= now() and ${window.within('requested_at')}
    order by due_at limit 1) as p`;
}

/**
 * How the queue stands, one round trip to counters. An age counts from when the item was requested or due, whichever is later.
 * **Source:** requirement 004, `/dashboard/stats/queue`.
 */
export async function getQueueStats(ctx: CoreContext, input: PublishingStatsInput): Promise<QueueStats> {
  const window = windowOf(input);
  const { rows } = await sql<Sums>`
    select s.*, extract(epoch from now() - o.due_at)::float8 as oldest_seconds from (${sums(window)}) as s, (${oldest(window)}) as o`.execute(
    ctx.database.db,
  );
  const [row] = rows;
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
