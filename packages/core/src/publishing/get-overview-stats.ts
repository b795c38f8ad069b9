import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import type { OverviewStats, PublishingStatsInput } from './contract.ts';
import { jobCounts, JOBS_UNREAD } from './read-jobs.ts';
import { windowSums } from './read-window.ts';
import { ofPlatform, windowOf, type Window } from './window.ts';

const LOGS = `coalesce(sum(success), 0)::bigint as success_logs, coalesce(sum(failed), 0)::bigint as failed_logs,
  coalesce(sum(pending), 0)::bigint as scheduled_publications, coalesce(sum(scheduled), 0)::bigint as scheduled_later`;

/** All of it when the counters of jobs are up to date. $1: the platform, or null. */
const COUNTERS = {
  name: 'read_publishing_overview',
  text: `select t.*, c.*, ${JOBS_UNREAD} as is_behind
  from (select coalesce(sum(videos), 0)::bigint as total_videos, coalesce(sum(clips), 0)::bigint as total_clips,
    coalesce(sum(draft + active + paused + completed), 0)::bigint as total_campaigns from publishing_total) as t,
  (select coalesce(sum(jobs_pending + jobs_running + jobs_completed + jobs_failed + jobs_cancelled), 0)::bigint as total_jobs,
    coalesce(sum(jobs_pending), 0)::bigint as pending_jobs, coalesce(sum(jobs_running), 0)::bigint as processing_jobs,
    coalesce(sum(jobs_failed), 0)::bigint as failed_jobs, coalesce(sum(jobs_completed), 0)::bigint as completed_jobs, ${LOGS}
    from publishing_counter where $1::text is null or platform_key = $1) as c`,
};

function logCounts(window: Window, input: PublishingStatsInput) {
  const source = window.isOpen ? sql`publishing_counter where ${ofPlatform(window)}` : sql`(${windowSums(input)}) as sums`;
  return sql`select ${sql.raw(LOGS)} from ${source}`;
}

function totals(window: Window) {
  if (window.isOpen) {
    return sql`select coalesce(sum(videos), 0)::bigint as total_videos, coalesce(sum(clips), 0)::bigint as total_clips,
      coalesce(sum(draft + active + paused + completed), 0)::bigint as total_campaigns from publishing_total`;
  }
  return sql`select (select count(*) from video where ${window.within('created_at')}) as total_videos,
    (select count(*) from clip where ${window.within('created_at')}) as total_clips,
    (select count(*) from campaign where ${window.within('created_at')}) as total_campaigns`;
}

/**
 * The system's totals, one round trip to counters. A platform chooses jobs and publications; videos, clips and campaigns belong to none.
 * **Source:** requirement 004, `/dashboard/stats/overview`.
 */
export async function getOverviewStats(ctx: CoreContext, input: PublishingStatsInput): Promise<OverviewStats> {
  const window = windowOf(input);
  if (window.isOpen) {
    const [all] = await ctx.database.reader.run<OverviewStats & { is_behind: boolean }>(COUNTERS, [window.platform]);
    if (all !== undefined && !all.is_behind) {
      const { is_behind: _behind, ...stats } = all;
      return stats;
    }
  }
  const { rows } = await sql<OverviewStats>`
    with jobs as (
      select coalesce(sum(count), 0)::bigint as total_jobs, coalesce(sum(count) filter (where status = 'pending'), 0)::bigint as pending_jobs,
        coalesce(sum(count) filter (where status = 'running'), 0)::bigint as processing_jobs,
        coalesce(sum(count) filter (where status = 'failed'), 0)::bigint as failed_jobs,
        coalesce(sum(count) filter (where status = 'completed'), 0)::bigint as completed_jobs
      from (${jobCounts(window)}) as j
    )
    select total_videos, total_clips, total_jobs, total_campaigns, pending_jobs, processing_jobs, failed_jobs, success_logs, failed_logs,
      scheduled_publications, completed_jobs, scheduled_later
    from (${totals(window)}) as t, jobs, (${logCounts(window, input)}) as l`.execute(ctx.database.db);
  const [stats] = rows;
  if (stats === undefined) throw new Error('unreachable: aggregates always have a row');
  return stats;
}
