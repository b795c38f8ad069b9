-- Monitors: what is checked, each run of it, its roll-ups, its state over time, and the outages alerts are sent for.
-- A run in progress is an `open_run` with its workload; it becomes a `run` in the transaction that moves everything else.

create table monitor (
  id text collate "C" primary key,
  name text not null,
  type text not null check (type in ('synthetic', 'heartbeat')),
  url text,
  steps text not null default '[]',
  interval_seconds integer check (interval_seconds >= 5),
  cron text,
  timezone text not null default 'UTC',
  grace_seconds integer not null default 60 check (grace_seconds >= 0),
  timeout_ms integer not null check (timeout_ms > 0),
  retries integer not null default 0 check (retries >= 0),
  status text not null check (status in ('active', 'paused')),
  tags text[] not null default '{}',
  is_public boolean not null default false,
  alert jsonb not null default '{}',
  degraded_ms integer check (degraded_ms > 0),
  slo_target_pct double precision check (slo_target_pct > 0 and slo_target_pct < 100),
  parent_id text collate "C" references monitor (id) on delete set null,
  ping_key text unique,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((interval_seconds is null) <> (cron is null)),
  check ((type = 'heartbeat') = (ping_key is not null)),
  check (type = 'heartbeat' or url is not null)
);
create index monitor_tags on monitor using gin (tags);

-- What changes with every run, apart from the definition. `recent` holds the last counted runs, newest last, for confirmation.
create table monitor_state (
  test_id text collate "C" primary key references monitor (id) on delete cascade,
  next_run_at timestamptz,
  last_result text check (last_result in ('passed', 'failed')),
  last_run_at timestamptz,
  last_run_id text collate "C",
  side text check (side in ('up', 'down')),
  recent text not null default '[]',
  run_total bigint not null default 0,
  failed_total bigint not null default 0
) with (fillfactor = 50);
create index monitor_state_due on monitor_state (next_run_at) where next_run_at is not null;
create index monitor_state_recent on monitor_state (last_run_at desc, test_id desc) where last_run_at is not null;

-- One scheduled run at a time: while it waits or runs, a due time is missed, not queued. `event_epoch` and `event_seq` are
-- the last chunk of step events taken over from the agent, so that a chunk reported twice is told once.
create table open_run (
  run_id text collate "C" primary key,
  test_id text collate "C" not null references monitor (id) on delete cascade,
  workload_id text collate "C" unique,
  triggered_by text not null,
  is_scheduled boolean not null,
  event_epoch integer not null default -1,
  event_seq integer not null default -1,
  created_at timestamptz not null default now()
) with (fillfactor = 50);
create unique index open_run_scheduled on open_run (test_id) where is_scheduled;
create index open_run_test on open_run (test_id);

create table run (
  run_id text collate "C" primary key,
  test_id text collate "C" not null references monitor (id) on delete cascade,
  workload_id text collate "C",
  worker_id text collate "C",
  started_at timestamptz not null,
  completed_at timestamptz not null,
  duration_ms bigint not null check (duration_ms >= 0),
  passed boolean not null,
  is_degraded boolean not null default false,
  is_flaky boolean not null default false,
  is_excluded boolean not null default false,
  attempts integer not null default 1 check (attempts >= 0),
  triggered_by text not null,
  steps_passed integer not null check (steps_passed >= 0),
  steps_total integer not null check (steps_total >= steps_passed),
  details text not null,
  error text
);
create index run_newest on run (test_id, started_at desc, run_id desc);
create index run_failed on run (test_id, started_at desc, run_id desc) where not passed;
create index run_started on run (started_at);

-- The heavy part apart from it, so that it can be pruned first.
create table run_detail (
  run_id text collate "C" primary key references run (run_id) on delete cascade,
  step_results text not null,
  artifacts text
);

-- Counts per 5 minutes, hour and day of `started_at`: any window is whole buckets and raw runs at its two edges.
create table run_bucket (
  test_id text collate "C" not null references monitor (id) on delete cascade,
  bucket_seconds integer not null check (bucket_seconds in (300, 3600, 86400)),
  bucket_at timestamptz not null,
  total bigint not null,
  passed bigint not null,
  degraded bigint not null,
  flaky bigint not null,
  excluded bigint not null,
  duration_ms_sum bigint not null,
  duration_ms_min bigint not null,
  duration_ms_max bigint not null,
  primary key (test_id, bucket_seconds, bucket_at)
) with (fillfactor = 60);

-- Mergeable logarithmic classes of the durations, for hours and days.
create table run_histogram (
  test_id text collate "C" not null references monitor (id) on delete cascade,
  bucket_seconds integer not null check (bucket_seconds in (3600, 86400)),
  bucket_at timestamptz not null,
  class smallint not null check (class >= 0),
  count bigint not null,
  primary key (test_id, bucket_seconds, bucket_at, class)
) with (fillfactor = 60);

-- The observed side over time, one row per change; the open one has no end.
create table state_segment (
  test_id text collate "C" not null references monitor (id) on delete cascade,
  from_at timestamptz not null,
  to_at timestamptz,
  state text not null check (state in ('up', 'down', 'unknown')),
  primary key (test_id, from_at),
  check (to_at is null or to_at >= from_at)
);
create unique index state_segment_open on state_segment (test_id) where to_at is null;

-- Time that does not count: paused, or taken out by a person with a reason.
create table excluded_span (
  id text collate "C" primary key,
  test_id text collate "C" not null references monitor (id) on delete cascade,
  kind text not null check (kind in ('paused', 'excluded')),
  from_at timestamptz not null,
  to_at timestamptz,
  reason text,
  created_by text,
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  revoked_by text,
  check (to_at is null or to_at >= from_at)
);
create index excluded_span_test on excluded_span (test_id, from_at);
create unique index excluded_span_paused on excluded_span (test_id) where kind = 'paused' and to_at is null;

create table maintenance (
  id text collate "C" primary key,
  name text not null,
  test_ids text[] not null default '{}',
  tags text[] not null default '{}',
  starts_at timestamptz not null,
  ends_at timestamptz,
  cron text,
  timezone text not null default 'UTC',
  duration_minutes integer check (duration_minutes >= 1),
  created_at timestamptz not null default now(),
  check ((cron is null) = (duration_minutes is null)),
  check (cron is not null or ends_at is not null),
  check (ends_at is null or ends_at > starts_at)
);

create table outage (
  id text collate "C" primary key,
  test_id text collate "C" not null references monitor (id) on delete cascade,
  status text not null check (status in ('open', 'acknowledged', 'resolved')),
  opened_at timestamptz not null,
  confirmed_at timestamptz not null,
  acknowledged_at timestamptz,
  acknowledged_by text,
  resolved_at timestamptz,
  resolution text check (resolution in ('recovered', 'manual')),
  failed_runs integer not null check (failed_runs >= 1),
  first_run_id text collate "C" not null,
  last_run_id text collate "C" not null,
  last_failed_at timestamptz not null,
  last_passed_at timestamptz,
  recovery_run_id text collate "C",
  error text,
  reopen_count integer not null default 0,
  muted_until timestamptz,
  is_suppressed boolean not null default false,
  check ((resolved_at is not null) = (status = 'resolved'))
);
create unique index outage_open on outage (test_id) where resolved_at is null;
create index outage_newest on outage (test_id, opened_at desc, id desc);

create table channel (
  id text collate "C" primary key,
  name text not null unique,
  type text not null check (type in ('webhook', 'email', 'slack', 'discord')),
  config text not null,
  is_enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- The ledger: what must reach which channel. `alert_sent` of an outage is derived from it and never written.
create table delivery (
  id text collate "C" primary key,
  channel_id text collate "C" not null references channel (id) on delete cascade,
  outage_id text collate "C" references outage (id) on delete cascade,
  test_id text collate "C",
  kind text not null,
  seq integer not null default 0,
  status text not null check (status in ('queued', 'sending', 'delivered', 'failed')),
  data text not null default '{}',
  attempts integer not null default 0,
  next_try_at timestamptz,
  leased_until timestamptz,
  last_error text,
  created_at timestamptz not null default now(),
  delivered_at timestamptz,
  unique (outage_id, kind, channel_id, seq),
  check ((delivered_at is not null) = (status = 'delivered')),
  check ((leased_until is not null) = (status = 'sending'))
);
create index delivery_due on delivery (next_try_at) where status = 'queued';
create index delivery_sending on delivery (leased_until) where status = 'sending';
create index delivery_channel on delivery (channel_id, id);
