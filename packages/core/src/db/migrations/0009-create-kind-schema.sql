-- The shape of the payload of each kind, as the worker that registered last described it. `schema` is JSON Schema as text:
-- nothing here looks inside.

create table kind_schema (
  kind text collate "C" primary key,
  schema text not null,
  worker_id text collate "C" not null,
  updated_at timestamptz not null default now()
);
