-- Who may come in and what they did: people, their sessions, keys with limits, and the audit log.
-- Of every secret only a digest is kept: a copy of these tables opens nothing.

create table user_account (
  id text collate "C" primary key,
  email text not null unique check (email = lower(email) and length(email) between 3 and 254),
  name text check (length(name) between 1 and 128),
  role text not null check (role in ('viewer', 'operator', 'admin')),
  -- scrypt with its parameters; null: this person signs in through the identity provider only.
  password text,
  oidc_subject text unique,
  sees_payloads boolean not null default true,
  version integer not null default 1 check (version >= 1),
  created_at timestamptz not null default now(),
  disabled_at timestamptz,
  last_sign_in_at timestamptz
);

create table user_session (
  id text collate "C" primary key,
  user_id text collate "C" not null references user_account (id),
  hash text not null unique check (length(hash) = 64),
  address text,
  user_agent text,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  end_reason text check (end_reason in ('signed_out', 'revoked', 'password_changed', 'role_changed', 'disabled')),
  check ((ended_at is null) = (end_reason is null))
);
create index user_session_user on user_session (user_id, id);

-- The one-time links of the first start; `setup_claim` can hold one row only, so that one of them makes the first account.
create table setup_link (
  hash text primary key check (length(hash) = 64),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create table setup_claim (
  is_done boolean primary key default true check (is_done),
  user_id text collate "C" not null,
  claimed_at timestamptz not null default now()
);

-- Tries that a sign-in may still make: per account and address, per account, per address. `subject` is a digest.
create table sign_in_budget (
  subject text primary key,
  spent integer not null check (spent >= 0),
  resets_at timestamptz not null
);
create index sign_in_budget_resets_at on sign_in_budget (resets_at);

-- A key and those it was rotated into are one family: workers belong to the family, so that they outlive a rotation.
alter table api_key add column family text collate "C";
update api_key set family = id;
alter table api_key alter column family set not null;
alter table api_key add column queues text[] check (cardinality(queues) >= 1);
alter table api_key add column kinds text[] check (cardinality(kinds) >= 1);
alter table api_key add column sees_payloads boolean not null default true;
alter table api_key add column created_by text;
alter table api_key add column replaced_by text collate "C";
alter table api_key add constraint api_key_admin_unlimited check (role <> 'admin' or (queues is null and kinds is null and sees_payloads));
create index api_key_family on api_key (family);

-- Null: registered without a worker key; the first worker key that uses it takes it over.
alter table worker add column key_family text collate "C";

-- Append-only. Each row carries the digest of the one before it, so that an edited row breaks the chain from there on.
create table audit_entry (
  position bigint primary key check (position >= 1),
  at timestamptz not null,
  actor_kind text not null,
  actor_id text,
  actor_name text,
  address text,
  action text not null,
  target text,
  outcome text not null,
  item_count integer not null default 1 check (item_count >= 1),
  request_id text,
  details text,
  previous_hash text not null check (length(previous_hash) = 64),
  hash text not null check (length(hash) = 64)
);
create index audit_entry_actor on audit_entry (actor_id, position);
create index audit_entry_target on audit_entry (target, position);
create index audit_entry_action on audit_entry (action, position);

-- The end of the chain: the row every append locks, and what tells that entries were cut off at the end.
create table audit_head (
  is_only boolean primary key default true check (is_only),
  position bigint not null,
  hash text not null
);
insert into audit_head (position, hash) values (0, repeat('0', 64));

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only';
end
$$;
create trigger audit_entry_is_append_only before update or delete on audit_entry for each row execute function refuse_audit_change();
create trigger audit_entry_is_kept before truncate on audit_entry for each statement execute function refuse_audit_change();
