-- What people write about an outage, while it goes on and afterwards. An author is kept as named at the time of writing: a key may be
-- revoked and an account removed, and what was written stays.

create table outage_note (
  id text collate "C" primary key,
  outage_id text collate "C" not null references outage (id) on delete cascade,
  text text not null check (char_length(text) between 1 and 4000),
  author_kind text not null check (author_kind in ('user', 'key', 'open')),
  author_id text,
  author_name text,
  created_at timestamptz not null default now(),
  edited_at timestamptz
);
create index outage_note_newest on outage_note (outage_id, id desc);
