-- A bulk action by filter, carried out in the background a few items at a time.
create table operation (
  id text collate "C" primary key,
  action text not null check (action in ('cancel', 'retry')),
  filter jsonb not null,
  status text not null check (status in ('running', 'completed', 'stopped')),
  total integer not null check (total >= 0),
  succeeded integer not null default 0,
  refused integer not null default 0,
  -- Items are taken from here downwards: what is created later is not part of the operation.
  next_id text collate "C" not null,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  check ((finished_at is not null) = (status <> 'running'))
);
create index operation_running on operation (id) where status = 'running';

create table operation_item (
  operation_id text collate "C" not null references operation (id) on delete cascade,
  workload_id text collate "C" not null,
  code text,
  message text,
  primary key (operation_id, workload_id)
);
