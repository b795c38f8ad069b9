-- Running counts: each run says how many runs of its monitor came before it, in order of (started_at, run_id), and the monitor how
-- many there are. A window is then the difference of two rows, however long it is. They count every run, excluded ones too.

alter table run
  add column total_before integer,
  add column failed_before integer,
  add column degraded_before integer,
  add column flaky_before integer,
  add column duration_ms_before bigint;

-- `counted_from`: since when each run has its counts and none was removed. `counted_until`: start of the latest run.
alter table monitor_state
  add column counted_from timestamptz not null default '-infinity',
  add column counted_until timestamptz not null default '-infinity',
  add column counted_total bigint not null default 0,
  add column counted_failed bigint not null default 0,
  add column counted_degraded bigint not null default 0,
  add column counted_flaky bigint not null default 0,
  add column counted_duration_ms bigint not null default 0;

-- Runs of before have no counts: figures that reach back to them are read from the buckets as ever.
update monitor_state set counted_from = 'infinity', counted_until = coalesce(last_run_at, '-infinity') where last_run_at is not null or run_total > 0;
