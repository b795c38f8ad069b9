-- What workers achieved (worker_history), its roll-ups (throughput_bucket), and who ran when (worker_session).
-- History is written after a report was accepted, in batches, so nothing here may refuse what a report may carry:
-- sums are double precision because bigint overflows at 1,024 intervals of the largest count.

-- What one worker reported and one write brought, packed: a row and its index entries cost as much as fifty reports' values.
-- An array that would hold only nulls is null. `events` has a letter per report: k checkpoint, c complete, f fail.
create table worker_history_pack (
  id text collate "C" primary key,
  worker_id text collate "C" not null,
  worker_type text not null,
  first_at timestamptz not null,
  last_at timestamptz not null check (last_at >= first_at),
  has_failure boolean not null,
  events text not null check (events ~ '^[kcf]+$'),
  job_ids text[] not null check (cardinality(job_ids) = length(events)),
  keys_scanned bigint[] check (cardinality(keys_scanned) = length(events) and 0 <= all (keys_scanned) is not false),
  duration_ms bigint[] check (cardinality(duration_ms) = length(events) and 0 <= all (duration_ms) is not false),
  started_at timestamptz[] check (cardinality(started_at) = length(events)),
  finished_at timestamptz[] not null check (cardinality(finished_at) = length(events))
);
create index worker_history_pack_time on worker_history_pack (last_at, id);
create index worker_history_pack_worker on worker_history_pack (worker_id, last_at, id);
create index worker_history_pack_failure on worker_history_pack (last_at, id) where has_failure;

-- The history as readers know it: a row per report. A query names `pack_first_at` and `pack_last_at` beside `finished_at`,
-- so that only packs of that time are opened.
create view worker_history as
select p.id || lpad(r.n::text, 5, '0') as id, p.worker_id, p.worker_type, r.job_id,
  case substr(p.events, r.n::int, 1) when 'k' then 'checkpoint' when 'c' then 'complete' else 'fail' end as event,
  r.keys_scanned, r.duration_ms, r.started_at,
  r.finished_at, p.first_at as pack_first_at, p.last_at as pack_last_at, p.id as pack_id
from worker_history_pack p
cross join lateral unnest(p.job_ids, p.keys_scanned, p.duration_ms, p.started_at, p.finished_at) with ordinality
  as r(job_id, keys_scanned, duration_ms, started_at, finished_at, n);

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
