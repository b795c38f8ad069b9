-- Publications made once per key, limits on publishing figures with what they told whom, and saved dashboards.

alter table publication add column idempotency_key text collate "C", add column request_hash text,
  add constraint publication_key_check check ((idempotency_key is null) = (request_hash is null));
create unique index publication_key on publication (idempotency_key) where idempotency_key is not null;

-- A limit of one figure. `breach_level` and `breach_since` tell what is seen now and since when; an alert opens after `for_seconds` of it.
create table publishing_threshold (
  id text collate "C" primary key,
  name text not null,
  metric text not null,
  platform_key text collate "C" check (platform_key in ('instagram', 'tiktok', 'youtube', 'other')),
  is_upper boolean not null,
  warn double precision,
  crit double precision,
  recover double precision,
  for_seconds integer not null check (for_seconds >= 0),
  recover_seconds integer not null check (recover_seconds >= 0),
  channel_ids text[] not null,
  is_enabled boolean not null,
  breach_level text check (breach_level in ('warn', 'crit')),
  breach_since timestamptz,
  crit_since timestamptz,
  good_since timestamptz,
  last_value double precision,
  checked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (warn is not null or crit is not null)
);

-- One stretch of a figure beyond its limit; at most one is open.
create table publishing_alert (
  id text collate "C" primary key,
  threshold_id text collate "C" not null references publishing_threshold (id) on delete cascade,
  level text not null check (level in ('warn', 'crit')),
  opened_at timestamptz not null,
  escalated_at timestamptz,
  resolved_at timestamptz,
  first_value double precision not null,
  worst_value double precision not null,
  last_value double precision,
  check (resolved_at >= opened_at)
);
create unique index publishing_alert_open on publishing_alert (threshold_id) where resolved_at is null;
create index publishing_alert_threshold on publishing_alert (threshold_id, id);

alter table delivery add column alert_id text collate "C" references publishing_alert (id) on delete cascade;
create unique index delivery_alert on delivery (alert_id, kind, channel_id, seq) where alert_id is not null;

create table publishing_dashboard (
  id text collate "C" primary key,
  owner text collate "C" not null,
  name text not null,
  is_shared boolean not null,
  items jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (owner, name)
);
create index publishing_dashboard_shared on publishing_dashboard (id) where is_shared;
