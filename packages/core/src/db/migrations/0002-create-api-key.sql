-- API keys. Only the SHA-256 of the secret part is kept: a copy of this table opens nothing.

create table api_key (
  id text collate "C" primary key,
  name text not null check (length(name) between 1 and 128),
  role text not null check (role in ('viewer', 'operator', 'admin', 'worker')),
  hash text not null check (length(hash) = 64),
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
