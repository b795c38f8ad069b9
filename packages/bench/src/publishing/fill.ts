import { sql } from 'kysely';
import type { Core } from '@tidemark/core/engine';
import { checkPublishingDrift } from '@tidemark/core/publishing';

const CHUNK = 25_000;
const VIDEOS = 1000;
const CLIPS = 10_000;
const CAMPAIGNS = 100;
const JOBS = 5000;

const statusOf = (
  n: string,
): string => `case when ${n} % 100 = 0 then 'pending' when ${n} % 1000 = 1 then 'processing' when ${n} % 100 = 2 then 'scheduled'
  when ${n} % 20 = 3 then 'failed' else 'success' end`;

/** Publications of 180 days on four platforms, with what they belong to; buckets lie as they come, and the drift check makes the counters. */
export async function fill(core: Core, rows: number): Promise<void> {
  const { db } = core.database;
  await sql`insert into video (id, title) select 'vid_' || n, 'A video' from generate_series(1, ${VIDEOS}) n`.execute(db);
  await sql`insert into clip (id, video_id, title, visual_score) select 'clip_' || n, 'vid_' || (1 + n % ${sql.lit(VIDEOS)}), 'A clip',
    case when n % 5 > 0 then (n % 100) / 100.0 end from generate_series(1, ${CLIPS}) n`.execute(db);
  await sql`insert into campaign (id, name, status, spend) select 'cmp_' || n, 'A campaign', (array['draft', 'active', 'paused', 'completed'])[1 + n % 4], n
    from generate_series(1, ${CAMPAIGNS}) n`.execute(db);
  for (let done = 0; done < rows; done += CHUNK) {
    const last = Math.min(done + CHUNK, rows);
    await sql`
      insert into publication (id, clip_id, platform, platform_key, social_account_id, campaign_id, status, requested_at, due_at, published_at, external_id,
        attempt, created_at)
      select 'pub_' || lpad(n::text, 10, '0'), 'clip_' || (1 + n % ${sql.lit(CLIPS)}), key, key, 'acc_' || n % 200, 'cmp_' || (1 + n % ${sql.lit(CAMPAIGNS)}),
        status, at, at, case when status = 'success' then at + n % 5000 * interval '1 ms' end, case when status = 'success' then 'post-' || n end, 1, at
      from (select n, ${sql.raw(statusOf('n'))} as status, (array['instagram', 'tiktok', 'youtube', 'other'])[1 + n % 4] as key,
        now() - n::float8 / ${rows} * interval '180 days' as at from generate_series(${sql.lit(done + 1)}::bigint, ${sql.lit(last)}::bigint) n) as made`.execute(
      db,
    );
  }
  await sql`insert into publication_bucket (grain, bucket_at, platform_key, slot, created)
    select g, date_trunc(g, created_at), platform_key, 0, count(*) from publication cross join unnest(array['minute', 'hour', 'day']) g
    where g <> 'minute' or created_at > now() - interval '7 days' group by 1, 2, 3 order by 2, 1`.execute(db);
  await sql`insert into video_job (workload_id, video_id, platform, platform_key, status, created_at)
    select 'wl_' || n, 'vid_' || (1 + n % ${sql.lit(VIDEOS)}), 'tiktok', 'tiktok', (array['completed', 'failed'])[1 + n % 2], now()
    from generate_series(1, ${JOBS}) n`.execute(db);
  await checkPublishingDrift(core);
  await sql`update projection set position = (select position from stream where name = 'workloads') where name = 'video_jobs'`.execute(db);
  await sql`vacuum analyze`.execute(db);
}
