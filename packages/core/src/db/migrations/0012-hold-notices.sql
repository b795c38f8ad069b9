-- The first notice of an outage waits while the monitor it depends on is looked at: until `held_until` at most. Its delivery is
-- in the ledger already, due at that time. A person may end an outage, too.

alter table outage add column held_until timestamptz, add column resolved_by text;
create index outage_held on outage (test_id) where held_until is not null;
create index monitor_parent on monitor (parent_id) where parent_id is not null;
