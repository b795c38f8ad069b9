-- The execution engine: what is wanted (workload), one try (attempt), one worker's right to report (lease), and the log.
-- Ids are compared byte by byte (collate "C"): they sort by creation. Hot tables carry no foreign keys to lane and
-- workload: lanes are never deleted, and a lease or attempt is only ever written by the statement that locks its workload.

create table lane (
  id integer generated always as identity primary key,
  queue text not null,
  kind text not null,
  isolation text not null check (isolation in ('process', 'isolate', 'gvisor', 'microvm')),
  required_labels jsonb not null default '{}',
  required_key text not null,
  unique (queue, kind, isolation, required_key)
);

-- What a creation decides comes first and what a transition changes comes last: the log then carries only the end of the row.
create table workload (
  id text collate "C" primary key,
  lane_id integer not null,
  priority integer not null default 0,
  claim_order bigint not null,
  created_at timestamptz not null default now(),
  timeout_ms bigint check (timeout_ms > 0),
  backoff_ms integer not null default 1000 check (backoff_ms >= 0),
  max_attempts integer not null check (max_attempts >= 1),
  max_lease_losses integer not null check (max_lease_losses >= 1),
  payload text not null,
  labels jsonb,
  concurrency_key text,
  run_at timestamptz,
  start_deadline_at timestamptz,
  deadline_at timestamptz,
  idempotency_key text,
  request_hash text,
  status text not null check (status in ('pending', 'running', 'completed', 'failed', 'cancelled')),
  status_reason text check (status_reason in (
    'queued', 'scheduled', 'retry_backoff', 'released', 'lease_expired', 'held', 'leased', 'executing', 'cancelling', 'external',
    'error', 'timeout', 'expired', 'quarantined', 'requested', 'unconfirmed')),
  lease_epoch integer not null default 0 check (lease_epoch >= 0),
  attempt integer not null default 0 check (attempt >= 0),
  lease_losses integer not null default 0 check (lease_losses >= 0),
  position integer not null default 1 check (position >= 1),
  output_truncated boolean not null default false,
  has_lease boolean not null default false,
  worker_id text,
  wake_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  duration_ms bigint check (duration_ms >= 0),
  keys_scanned bigint check (keys_scanned >= 0),
  exit_code integer,
  signal text,
  error text,
  cancel_requested_at timestamptz,
  progress text,
  checkpoint text,
  output text,
  closed_request_id text,
  check ((finished_at is not null) = (status in ('completed', 'failed', 'cancelled'))),
  check (wake_at is null or status = 'pending')
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- No predicate names a column that a completion changes (status, finished_at, …): the update that completes a workload can then
-- stay on its page without touching any index. `status_reason` stands for the status; a completion leaves it as it was.
create index workload_ready on workload (lane_id, claim_order, id)
  where status_reason in ('queued', 'released', 'lease_expired') and wake_at is null;
create index workload_wake on workload (wake_at) where wake_at is not null;
create index workload_failed on workload (id) where status_reason in ('error', 'timeout', 'expired', 'quarantined');
create index workload_cancelled on workload (id) where status_reason in ('requested', 'unconfirmed');
create index workload_start_deadline on workload (start_deadline_at) where start_deadline_at is not null
  and status_reason in ('queued', 'scheduled', 'retry_backoff', 'released', 'lease_expired', 'held');
create index workload_deadline on workload (deadline_at) where deadline_at is not null
  and status_reason in ('queued', 'scheduled', 'retry_backoff', 'released', 'lease_expired', 'held');
create unique index workload_idempotency_key on workload (idempotency_key) where idempotency_key is not null;
create index workload_labels on workload using gin (labels jsonb_path_ops) where labels is not null;
create index workload_external on workload (started_at) where status_reason = 'external';

-- One row per finished try, but for those that completed before their lease had a row (see `tried`). The open try is the lease.
create table attempt (
  workload_id text collate "C" not null,
  lease_epoch integer not null,
  attempt integer not null,
  worker_id text,
  outcome text not null check (outcome in ('completed', 'failed', 'timeout', 'released', 'lease_expired', 'cancelled', 'unconfirmed', 'revoked')),
  next_status text not null,
  next_reason text,
  exit_code integer,
  signal text,
  error text,
  keys_scanned bigint,
  request_id text,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  duration_ms bigint not null check (duration_ms >= 0),
  started_position integer not null,
  finished_position integer not null check (finished_position > started_position),
  primary key (workload_id, lease_epoch)
);

-- Narrow and hot: heartbeats touch this row, never the workload. `expires_at` has no index, so a renewal is updated in place.
-- A claim makes no row here: until the worker says anything about the job, or a moment has passed, the workload's own row says
-- all there is to say, and `lease_grant` tells where to look. `workload.has_lease` tells which of the two holds.
create table lease (
  workload_id text collate "C" primary key,
  lease_epoch integer not null,
  lane_id integer not null,
  worker_id text not null,
  attempt integer not null,
  granted_at timestamptz not null,
  expires_at timestamptz not null,
  deadline_at timestamptz,
  cancel_requested_at timestamptz,
  cancel_deadline_at timestamptz,
  is_executing boolean not null default false,
  checkpoint text,
  progress text,
  keys_scanned bigint,
  last_request_id text,
  progressed_at timestamptz,
  started_position integer not null,
  position integer not null,
  output_seq integer not null default -1,
  output_bytes bigint not null default 0,
  concurrency_key text
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

-- What one claim leased, in one row: most jobs are over before anybody needs their lease. The sweep gives the others a row in `lease`.
create table lease_grant (
  id bigint generated always as identity primary key,
  granted_at timestamptz not null default now(),
  lanes integer[] not null,
  workload_ids text[] not null,
  epochs integer[] not null
);

-- Every open lease, with or without a row. `offset 0` keeps the look-up of each workload by its key.
create view open_lease as
select workload_id, lease_epoch, lane_id, worker_id, attempt, granted_at, concurrency_key from lease
union all
select w.id, w.lease_epoch, w.lane_id, w.worker_id, w.attempt, w.started_at, w.concurrency_key
from lease_grant g
cross join lateral unnest(g.workload_ids, g.epochs) as r(id, epoch)
cross join lateral (
  select * from workload o where o.id = r.id and o.lease_epoch = r.epoch and o.status = 'running' and o.status_reason = 'leased' and not o.has_lease offset 0
) w;

-- Every finished try. One that completed without a row in `lease` has none in `attempt`: the workload's row is its record.
create view tried as
select workload_id, lease_epoch, attempt, worker_id, outcome, next_status, next_reason, exit_code, signal, error, keys_scanned, request_id,
  started_at, finished_at, duration_ms, started_position, finished_position
from attempt
union all
select w.id, w.lease_epoch, w.attempt, w.worker_id, 'completed', 'completed', null, w.exit_code, null, null,
  case when earlier.keys is null then w.keys_scanned else nullif(w.keys_scanned - earlier.keys, 0) end, w.closed_request_id,
  w.started_at, w.finished_at, w.duration_ms, w.position - 1, w.position
from workload w
cross join lateral (select sum(a.keys_scanned)::bigint as keys from attempt a where a.workload_id = w.id) earlier
where w.status = 'completed' and w.status_reason = 'leased' and not w.has_lease;

-- Signed per-slot sums, kept in the same statement as the transition: the current count is the sum over slots.
create table counter (
  slot integer not null,
  lane_id integer not null,
  pending bigint not null default 0,
  running bigint not null default 0,
  completed bigint not null default 0,
  failed bigint not null default 0,
  cancelled bigint not null default 0,
  duration_ms_sum bigint not null default 0,
  duration_count bigint not null default 0,
  primary key (slot, lane_id)
) with (fillfactor = 40);

-- The log. `stream.position` is incremented in the transaction that appends, so it is gap-free and in commit order.
create table stream (
  name text collate "C" primary key,
  position bigint not null default 0,
  floor bigint not null default 0
) with (fillfactor = 40);

-- A row carries `item_count` events, the last of which is `position`: a flush of a thousand transitions appends one row.
create table event (
  stream text collate "C" not null,
  position bigint not null,
  item_count integer not null check (item_count >= 1),
  items text not null,
  created_at timestamptz not null default now(),
  primary key (stream, position)
);
create index event_created_at on event using brin (created_at);

-- What moved a workload, event by event: an item with `rows` holds that many events, which share what is no list in it.
create view workload_move as
select e.position, i.nth, coalesce(r.place, 1) as place, coalesce(r.id, i.item ->> 'id') as id, i.item ->> 'type' as type,
  i.item ->> 'from' as from_status, i.item ->> 'status' as status
from event e
cross join lateral json_array_elements(e.items::json) with ordinality as i(item, nth)
left join lateral json_array_elements_text(case when i.item ->> 'rows' is not null then i.item -> 'id' end) with ordinality as r(id, place) on true
where e.stream = 'workloads';

-- The default compression is several times slower, and it runs while the stream's row is locked. Not every build has lz4.
do $$
begin
  alter table event alter column items set compression lz4;
exception when feature_not_supported then
  null;
end
$$;

create table worker (
  id text collate "C" primary key,
  name text not null,
  worker_type text not null,
  version text not null,
  host text,
  isolations text[] not null,
  kinds text[] not null,
  queues text[] not null,
  slots integer not null check (slots >= 1),
  labels jsonb not null default '{}',
  draining boolean not null default false,
  drain_requested boolean not null default false,
  quarantined boolean not null default false,
  clock_skew_ms bigint,
  session integer not null default 1,
  registered_at timestamptz not null default now(),
  last_heartbeat_at timestamptz not null default now(),
  stopped_at timestamptz
) with (fillfactor = 60);
create index worker_name on worker (name);

create table queue (
  name text collate "C" primary key,
  is_paused boolean not null default false,
  concurrency integer check (concurrency >= 0),
  key_concurrency integer check (key_concurrency >= 1),
  rate_per_minute double precision check (rate_per_minute > 0),
  rate_burst integer check (rate_burst >= 1),
  tokens double precision not null default 0,
  refilled_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table setting (
  key text collate "C" primary key,
  value jsonb not null,
  updated_at timestamptz not null default now()
);

insert into stream (name) values ('workloads'), ('workers');
-- The epoch of the log: part of every cursor. A restored backup starts a new one.
insert into setting (key, value) values ('log_epoch', to_jsonb(substr(md5(random()::text || clock_timestamp()::text), 1, 8)));
-- The sweep elects itself by this row, and knows from it how long nobody swept.
insert into setting (key, value) values ('sweep', 'null');
