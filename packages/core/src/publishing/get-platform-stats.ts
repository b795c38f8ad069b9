import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import { type PlatformKey, PLATFORM_KEYS } from '../platforms/contract.ts';
import type { PlatformFigures, PlatformStats, PublishingStatsInput } from './contract.ts';
import { jobCounts, JOBS_UNREAD } from './read-jobs.ts';
import { ofPlatform, windowOf, type Window } from './window.ts';

interface Row extends Omit<PlatformFigures, 'avg_score'> {
  platform_key: PlatformKey;
  score_sum: number;
}

const ZERO: PlatformFigures = { clips_ready: 0, clips_published: 0, avg_score: 0, jobs_completed: 0, jobs_failed: 0, scored_clips: 0 };

/** All of it when the counters of jobs are up to date. */
const COUNTERS = {
  name: 'read_publishing_platforms',
  text: `select platform_key, sum(clips_ready)::bigint as clips_ready, sum(clips_published)::bigint as clips_published,
    sum(clips_scored)::bigint as scored_clips, sum(score_sum) as score_sum, sum(jobs_completed)::bigint as jobs_completed,
    sum(jobs_failed)::bigint as jobs_failed, ${JOBS_UNREAD} as is_behind
  from publishing_counter where $1::text is null or platform_key = $1 group by platform_key`,
};

function clipCounts(window: Window) {
  if (window.isOpen) {
    return sql`select platform_key, sum(clips_ready)::bigint as clips_ready, sum(clips_published)::bigint as clips_published,
      sum(clips_scored)::bigint as scored_clips, sum(score_sum) as score_sum from publishing_counter where ${ofPlatform(window)} group by platform_key`;
  }
  return sql`
    select platform_key, count(*) filter (where ready) as clips_ready, count(*) filter (where published) as clips_published,
      count(visual_score) as scored_clips, coalesce(sum(visual_score), 0) as score_sum
    from (
      select p.platform_key, p.clip_id, bool_or(p.status in ('pending', 'scheduled')) as ready, bool_or(p.status = 'success') as published
      from publication p where p.status <> 'cancelled' and ${window.within('p.requested_at')} and ${ofPlatform(window, 'p.platform_key')} group by 1, 2
    ) d join clip c on c.id = d.clip_id group by platform_key`;
}

async function readRows(ctx: CoreContext, window: Window): Promise<readonly Row[]> {
  if (window.isOpen) {
    const all = await ctx.database.reader.run<Row & { is_behind: boolean }>(COUNTERS, [window.platform]);
    if (all.every((row) => !row.is_behind)) return all.map(({ is_behind: _behind, ...row }) => row);
  }
  const { rows } = await sql<Row>`
    select k.key as platform_key, coalesce(c.clips_ready, 0) as clips_ready, coalesce(c.clips_published, 0) as clips_published,
      coalesce(c.scored_clips, 0) as scored_clips, coalesce(c.score_sum, 0) as score_sum,
      coalesce(j.jobs_completed, 0)::bigint as jobs_completed, coalesce(j.jobs_failed, 0)::bigint as jobs_failed
    from unnest(${[...PLATFORM_KEYS]}::text[]) as k(key)
    left join (${clipCounts(window)}) as c on c.platform_key = k.key
    left join (
      select platform_key, sum(count) filter (where status = 'completed') as jobs_completed, sum(count) filter (where status = 'failed') as jobs_failed
      from (${jobCounts(window)}) as counts group by platform_key
    ) as j on j.platform_key = k.key`.execute(ctx.database.db);
  return rows;
}

/**
 * How each platform does, always all four, one round trip to counters. Clips are distinct per platform; the score is the mean over the
 * distinct clips that have one. **Source:** requirement 004, `/dashboard/stats/platforms`.
 */
export async function getPlatformStats(ctx: CoreContext, input: PublishingStatsInput): Promise<PlatformStats> {
  const rows = await readRows(ctx, windowOf(input));
  const figures = new Map(
    rows.map(({ platform_key: key, score_sum: sum, ...row }): [PlatformKey, PlatformFigures] => [
      key,
      { ...row, avg_score: row.scored_clips === 0 ? 0 : sum / row.scored_clips },
    ]),
  );
  const of = (key: PlatformKey): PlatformFigures => figures.get(key) ?? ZERO;
  return { instagram: of('instagram'), tiktok: of('tiktok'), youtube: of('youtube'), other: of('other') };
}
