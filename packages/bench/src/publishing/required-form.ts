/** The five endpoints as requirement 004 describes their queries: 6, 3, 5, 20 and 1 of them. */
const KEYS = ['instagram', 'tiktok', 'youtube', 'other'] as const;

export const REQUIRED_FORM: Readonly<Record<string, readonly string[]>> = {
  overview: [
    'select count(*) from video',
    'select count(*) from clip',
    `select count(*), count(*) filter (where status = 'pending'), count(*) filter (where status = 'running'), count(*) filter (where status = 'failed') from video_job`,
    'select count(*) from campaign',
    `select count(*) filter (where status = 'success'), count(*) filter (where status = 'failed') from publication`,
    `select count(*) from publication where status = 'pending'`,
  ],
  queue: [
    'select status, count(*) from publication group by status',
    `select avg(extract(epoch from published_at - requested_at) * 1000) from publication where status = 'success'`,
    `select min(requested_at) from publication where status = 'pending'`,
  ],
  orchestrator: [
    'select max(created_at) from publication',
    `select count(*) from publication where created_at > now() - interval '24 hours'`,
    `select count(*) from publication where created_at > now() - interval '1 hour'`,
    `select count(*) filter (where status in ('pending', 'processing'))::float8 / count(*) from publication`,
    `select count(distinct social_account_id) from publication where status = 'processing'`,
  ],
  platforms: KEYS.flatMap((key) => [
    `select count(distinct clip_id) from publication where platform_key = '${key}' and status in ('pending', 'scheduled')`,
    `select count(distinct clip_id) from publication where platform_key = '${key}' and status = 'success'`,
    `select avg(visual_score) from clip where id in (select clip_id from publication where platform_key = '${key}')`,
    `select count(*) from video_job where platform_key = '${key}' and status = 'completed'`,
    `select count(*) from video_job where platform_key = '${key}' and status = 'failed'`,
  ]),
  campaigns: ['select status, count(*), sum(spend) from campaign group by status'],
};
