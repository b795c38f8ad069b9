-- Figures of a window without its rows: what was requested (publications) or created (jobs, videos, clips) in a bucket, by its status now.
create table publishing_window (
  bucket_seconds integer not null check (bucket_seconds in (300, 3600, 86400)),
  bucket_at timestamptz not null,
  platform_key text collate "C" not null check (platform_key in ('instagram', 'tiktok', 'youtube', 'other', 'none')),
  pending bigint not null default 0,
  scheduled bigint not null default 0,
  processing bigint not null default 0,
  success bigint not null default 0,
  failed bigint not null default 0,
  cancelled bigint not null default 0,
  unconfirmed bigint not null default 0,
  duration_ms_sum bigint not null default 0,
  duration_count bigint not null default 0,
  clock_skew bigint not null default 0,
  primary key (bucket_seconds, bucket_at, platform_key)
) with (fillfactor = 60);

insert into publishing_window (bucket_seconds, bucket_at, platform_key, pending, scheduled, processing, success, failed, cancelled, unconfirmed,
  duration_ms_sum, duration_count, clock_skew)
select s.seconds, to_timestamp(floor(extract(epoch from p.requested_at) / s.seconds) * s.seconds), p.platform_key,
  count(*) filter (where p.status = 'pending'), count(*) filter (where p.status = 'scheduled'), count(*) filter (where p.status = 'processing'),
  count(*) filter (where p.status = 'success'), count(*) filter (where p.status = 'failed'), count(*) filter (where p.status = 'cancelled'),
  count(*) filter (where p.status = 'failed' and p.sub_status = 'unconfirmed'),
  coalesce(sum(round(extract(epoch from p.published_at - p.requested_at) * 1000)) filter (where p.published_at >= p.requested_at), 0),
  count(*) filter (where p.published_at >= p.requested_at), count(*) filter (where p.published_at < p.requested_at)
from publication p cross join (values (300), (3600), (86400)) as s(seconds) group by 1, 2, 3;

-- The newest of a platform, and those of a moment, without those of the others.
create index publication_platform_created on publication (platform_key, created_at);
drop index publication_created;
create index video_created on video (created_at);
create index clip_created on clip (created_at);
create index campaign_created on campaign (created_at);
