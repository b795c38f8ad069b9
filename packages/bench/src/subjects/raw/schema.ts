/** The narrowest table that can still lease, complete and keep history. */
export const RAW_SCHEMA = `
  create table job (
    id bigint generated always as identity primary key,
    priority int not null default 0,
    status smallint not null default 0,
    payload text not null,
    worker_id int,
    epoch int not null default 0,
    lease_until timestamptz,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    duration_ms bigint
  );
  create index job_ready on job (priority desc, id) where status = 0;
  create index job_leased on job (lease_until) where status = 1;
  create table history (
    id bigint generated always as identity primary key,
    job_id bigint not null,
    worker_id int,
    event smallint not null,
    keys_scanned bigint,
    duration_ms bigint,
    created_at timestamptz not null default now()
  );`;
