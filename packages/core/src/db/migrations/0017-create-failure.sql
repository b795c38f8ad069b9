-- Failures grouped by what they have in common, counted as the logs are folded: a page of them never scans history.

-- A projection follows one stream; those there were follow the workloads.
alter table projection add column stream text collate "C" not null default 'workloads';

create table failure_group (
  id text collate "C" primary key,
  domain text not null check (domain in ('workload', 'monitor', 'publication')),
  subject text not null,
  message text not null,
  sample text not null,
  count bigint not null check (count >= 1),
  first_at timestamptz not null,
  last_at timestamptz not null check (last_at >= first_at),
  last_ref text not null,
  status text not null default 'open' check (status in ('open', 'resolved', 'ignored')),
  status_at timestamptz,
  returned_count integer not null default 0
) with (fillfactor = 70);
create index failure_group_newest on failure_group (last_at desc, id desc);

create table failure_bucket (
  group_id text collate "C" not null references failure_group (id) on delete cascade,
  bucket_at timestamptz not null,
  count bigint not null check (count >= 1),
  primary key (group_id, bucket_at)
) with (fillfactor = 70);

insert into projection (name, stream, position)
select 'failures_' || s.name, s.name, coalesce((select position from stream where name = s.name), 0)
from (values ('workloads'), ('monitors'), ('publications')) as s(name);
