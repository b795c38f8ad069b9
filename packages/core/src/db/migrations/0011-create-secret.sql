-- Named secrets, sealed with a key that is never in the database. `sealed` is base64 of nonce, tag and cipher text; the name is
-- part of what is authenticated, so a value cannot be moved to another name.

create table secret (
  name text collate "C" primary key,
  key_id text collate "C" not null,
  sealed text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint secret_name check (name ~ '^[A-Z][A-Z0-9_]{0,63}$')
);
