-- Sign-ins under way at the identity provider: one row per visit, taken away by the first answer that fits.
-- `hash` is the digest of what only the visitor's browser knows; state, nonce and code verifier are made of the same and never stored.
create table provider_visit (
  hash text primary key check (length(hash) = 64),
  next text not null check (length(next) <= 2000),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index provider_visit_expires_at on provider_visit (expires_at);
