-- What workers achieved (worker_history), its roll-ups (throughput_bucket), and who ran when (worker_session).
-- History is written after a report was accepted, in batches, so nothing here may refuse what a report may carry:
-- sums are double precision because bigint overflows at 1,024 intervals of the largest count.

create table worker_history (
  id text collate "C" not null,
  worker_id text collate "C" not null,
  worker_type text not null,
  job_id text collate "C" not null,
  event text not null check (event in ('checkpoint', 'complete', 'fail')),
  keys_scanned bigint check (keys_scanned >= 0),
  duration_ms bigint check (duration_ms >= 0),
  keys_per_second double precision check (keys_per_second >= 0),
  started_at timestamptz,
  is_clock_suspect boolean not null default false,
  finished_at timestamptz not null,
  check (keys_per_second is null or (keys_scanned is not null and duration_ms > 0)),
  -- Every index here is paid by every report; a filter on the type walks this one.
  primary key (finished_at, id)
);
create index worker_history_worker on worker_history (worker_id, finished_at, id);
create index worker_history_job on worker_history (job_id, finished_at, id);
create index worker_history_fail on worker_history (finished_at, id) where event = 'fail';

-- One row per scope, key and bucket, kept in the statement that inserts the history: reads do not depend on its size.
-- `rated_keys` and `busy_ms` are those of intervals with a positive duration; jobs have minutes only.
create table throughput_bucket (
  scope text not null check (scope in ('fleet', 'worker_type', 'worker', 'job')),
  key text collate "C" not null,
  grain text not null check (grain in ('minute', 'hour', 'day')),
  bucket_at timestamptz not null,
  keys_scanned double precision not null,
  rated_keys double precision not null,
  busy_ms double precision not null,
  max_keys_per_second double precision,
  sample_count bigint not null check (sample_count >= 1),
  primary key (scope, key, grain, bucket_at)
) with (fillfactor = 60);
create index throughput_bucket_recent on throughput_bucket (grain, bucket_at, scope);

-- One row per registration of a worker. `lost_jobs` are those whose lease ran out under it, oldest first.
create table worker_session (
  worker_id text collate "C" not null,
  session integer not null,
  worker_type text not null,
  version text not null,
  host text,
  labels jsonb not null default '{}',
  slots integer not null,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  end_reason text check (end_reason in ('stopped', 'lost', 'replaced', 'forgotten')),
  lost_jobs text[] not null default '{}',
  primary key (worker_id, session),
  check ((ended_at is null) = (end_reason is null))
);
create unique index worker_session_open on worker_session (worker_id) where ended_at is null;

insert into worker_session (worker_id, session, worker_type, version, host, labels, slots, started_at, ended_at, end_reason)
select id, session, worker_type, version, host, labels, slots, registered_at, stopped_at, case when stopped_at is not null then 'stopped' end
from worker;

-- What the last sweep found about a worker; its changes are the events of the stream `workers`.
create table worker_flag (
  worker_id text collate "C" primary key,
  is_lost boolean not null default false,
  is_slow boolean not null default false,
  stuck_jobs text[] not null default '{}',
  updated_at timestamptz not null default now()
);

-- For the push to an agent: which of its jobs it must stop. Holds only leases being cancelled.
create index lease_cancelling on lease (worker_id) where cancel_requested_at is not null;
