-- Publishing: what is published (video, clip, campaign), where (platform, social_account), each publication with its attempts,
-- and the counters that the statistics read instead of the history.

create table video (
  id text collate "C" primary key,
  title text not null,
  source_url text,
  duration_ms bigint check (duration_ms >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table clip (
  id text collate "C" primary key,
  video_id text collate "C" not null references video (id),
  title text not null,
  visual_score numeric check (visual_score >= 0 and visual_score <= 1),
  start_ms bigint check (start_ms >= 0),
  end_ms bigint check (end_ms >= start_ms),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index clip_video on clip (video_id, id);

create table campaign (
  id text collate "C" primary key,
  name text not null,
  status text not null check (status in ('draft', 'active', 'paused', 'completed')),
  clip_ids text[] not null default '{}',
  budget numeric check (budget >= 0),
  spend numeric not null default 0 check (spend >= 0),
  starts_at timestamptz,
  ends_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (ends_at >= starts_at)
);
create index campaign_ending on campaign (ends_at) where status in ('active', 'paused');

-- How a platform is reached. The limits of its queue live with the engine, in the queue `publish:<key>`.
create table platform (
  key text collate "C" primary key check (key in ('instagram', 'tiktok', 'youtube', 'other')),
  connector text not null check (connector in ('webhook')),
  url text not null,
  secret text not null,
  timeout_ms integer not null check (timeout_ms > 0),
  rate_per_minute double precision check (rate_per_minute > 0),
  concurrency integer check (concurrency >= 1),
  account_concurrency integer check (account_concurrency >= 1),
  max_attempts integer not null check (max_attempts >= 1),
  missed_after_seconds integer not null check (missed_after_seconds >= 0),
  result_timeout_seconds integer not null check (result_timeout_seconds >= 1),
  honours_idempotency_key boolean not null,
  is_paused boolean not null,
  updated_at timestamptz not null default now()
);

-- `processing_count` keeps the number of busy accounts readable without looking at publications.
create table social_account (
  platform_key text collate "C" not null,
  id text collate "C" not null,
  name text,
  status text not null default 'active' check (status in ('active', 'paused')),
  pause_reason text,
  not_before timestamptz,
  processing_count bigint not null default 0 check (processing_count >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (platform_key, id)
) with (fillfactor = 70);
create index social_account_busy on social_account (id) where processing_count > 0;

-- `due_at` is when it could first have been published: later of requested and scheduled, moved by a retry.
create table publication (
  id text collate "C" primary key,
  clip_id text collate "C" not null references clip (id),
  platform text not null,
  platform_key text collate "C" not null check (platform_key in ('instagram', 'tiktok', 'youtube', 'other')),
  social_account_id text collate "C" not null,
  campaign_id text collate "C" references campaign (id),
  status text not null check (status in ('pending', 'scheduled', 'processing', 'success', 'failed', 'cancelled')),
  sub_status text,
  requested_at timestamptz not null,
  scheduled_for timestamptz,
  due_at timestamptz not null,
  next_try_at timestamptz,
  published_at timestamptz,
  external_id text,
  error text,
  attempt integer not null default 0 check (attempt >= 0),
  transient_failures integer not null default 0 check (transient_failures >= 0),
  awaiting_since timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((published_at is not null) = (status = 'success')),
  check (awaiting_since is null or status = 'processing')
) with (fillfactor = 85);
create index publication_created on publication (created_at);
create index publication_requested on publication (requested_at);
create index publication_pending on publication (platform_key, due_at, id) where status = 'pending';
create index publication_scheduled on publication (due_at) where status = 'scheduled';
create index publication_late on publication (scheduled_for) where status = 'pending' and scheduled_for is not null and attempt = 0;
create index publication_awaiting on publication (awaiting_since) where awaiting_since is not null;
create index publication_failed on publication (sub_status, id) where status = 'failed';
create index publication_processing on publication (id) where status = 'processing';
create index publication_campaign on publication (campaign_id, id) where campaign_id is not null;
create index publication_clip on publication (clip_id, id);
create index publication_account on publication (platform_key, social_account_id, id);

-- One call of a platform. `sent_at` is set before the first byte leaves: afterwards only an answer makes the outcome known.
create table publication_attempt (
  publication_id text collate "C" not null references publication (id),
  attempt integer not null check (attempt >= 1),
  workload_id text collate "C",
  sent_at timestamptz,
  outcome text check (outcome in (
    'success', 'accepted', 'content', 'auth', 'rate_limited', 'transient', 'connector', 'unconfirmed', 'cancelled')),
  http_status integer,
  error text,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (publication_id, attempt),
  check ((finished_at is not null) = (outcome is not null))
);
create index publication_attempt_open on publication_attempt (publication_id, attempt) where finished_at is null;
create unique index publication_attempt_workload on publication_attempt (workload_id) where workload_id is not null;

-- A workload that works on a video. `status` follows the log of the workloads, as far as the projection has read it.
create table video_job (
  workload_id text collate "C" primary key,
  video_id text collate "C" not null references video (id),
  clip_id text collate "C" references clip (id),
  platform text,
  platform_key text collate "C" not null check (platform_key in ('instagram', 'tiktok', 'youtube', 'other', 'none')),
  status text check (status in ('pending', 'running', 'completed', 'failed', 'cancelled')),
  created_at timestamptz not null
);
create index video_job_video on video_job (video_id, workload_id);
create index video_job_created on video_job (created_at);
insert into projection (name) values ('video_jobs');
update projection set position = (select position from stream where name = 'workloads') where name = 'video_jobs';

-- How often a clip occurs on a platform, so that "distinct clips" change when a count leaves or reaches zero.
create table platform_clip (
  clip_id text collate "C" not null references clip (id),
  platform_key text collate "C" not null,
  log_count bigint not null,
  ready_count bigint not null,
  success_count bigint not null,
  score numeric,
  primary key (clip_id, platform_key)
) with (fillfactor = 70);

-- Signed sums per slot: the value is the sum over slots. Slots only keep writers from waiting for each other.
create table publishing_counter (
  slot integer not null,
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
  clips_ready bigint not null default 0,
  clips_published bigint not null default 0,
  clips_scored bigint not null default 0,
  score_sum numeric not null default 0,
  jobs_pending bigint not null default 0,
  jobs_running bigint not null default 0,
  jobs_completed bigint not null default 0,
  jobs_failed bigint not null default 0,
  jobs_cancelled bigint not null default 0,
  primary key (slot, platform_key)
) with (fillfactor = 40);

create table publishing_total (
  slot integer primary key,
  videos bigint not null default 0,
  clips bigint not null default 0,
  draft bigint not null default 0,
  active bigint not null default 0,
  paused bigint not null default 0,
  completed bigint not null default 0,
  budget_spent numeric not null default 0
) with (fillfactor = 40);

-- What happened in a bucket, by the database's clock.
create table publication_bucket (
  grain text collate "C" not null check (grain in ('minute', 'hour', 'day')),
  bucket_at timestamptz not null,
  platform_key text collate "C" not null,
  slot integer not null,
  created bigint not null default 0,
  succeeded bigint not null default 0,
  failed bigint not null default 0,
  duration_ms_sum bigint not null default 0,
  duration_count bigint not null default 0,
  primary key (grain, bucket_at, platform_key, slot)
) with (fillfactor = 60);

-- The tick of the queue elects its server by this row, and tells what it did.
insert into setting (key, value) values ('publish_tick', 'null');
