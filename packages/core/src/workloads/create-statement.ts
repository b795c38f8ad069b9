import type { Statement } from '../ports/index.ts';

/** One point of priority is worth this much waiting: the order of claims is fixed at creation, and nothing starves. */
export const PRIORITY_STEP_MS = 60_000;

/** Columns of a new workload, in the order of the statement's arrays. */
export const CREATE_COLUMNS = [
  'id',
  'lane_id',
  'priority',
  'payload',
  'labels',
  'concurrency_key',
  'max_attempts',
  'max_lease_losses',
  'timeout_ms',
  'run_at',
  'start_deadline_at',
  'deadline_at',
  'backoff_ms',
  'idempotency_key',
  'request_hash',
] as const;

/**
 * Inserts the workloads, counts them and appends their events; rows whose idempotency key exists are left out of the answer.
 * $1 is the writer slot, then one array per column.
 */
export const CREATE_WORKLOADS: Statement = {
  name: 'create_workloads',
  text: `
with input as (
  select * from unnest($2::text[], $3::int[], $4::int[], $5::text[], $6::jsonb[], $7::text[], $8::int[], $9::int[], $10::bigint[],
    $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::int[], $15::text[], $16::text[])
    as i(id, lane_id, priority, payload, labels, concurrency_key, max_attempts, max_lease_losses, timeout_ms,
      run_at, start_deadline_at, deadline_at, backoff_ms, idempotency_key, request_hash)
), made as (
  insert into workload (id, lane_id, priority, claim_order, status, status_reason, payload, labels, concurrency_key, max_attempts,
    max_lease_losses, timeout_ms, run_at, wake_at, start_deadline_at, deadline_at, backoff_ms, idempotency_key, request_hash)
  select id, lane_id, priority,
    (extract(epoch from greatest(run_at, now())) * 1000)::bigint - priority::bigint * ${PRIORITY_STEP_MS},
    'pending', case when run_at > now() then 'scheduled' else 'queued' end, payload, labels, concurrency_key, max_attempts,
    max_lease_losses, timeout_ms, run_at, case when run_at > now() then run_at end, start_deadline_at, deadline_at, backoff_ms,
    idempotency_key, request_hash
  from input
  on conflict (idempotency_key) where idempotency_key is not null do nothing
  returning id, lane_id, status_reason, created_at, run_at
), counted as (
  insert into counter (slot, lane_id, pending)
  select $1::int, lane_id, count(*) from made group by lane_id order by lane_id
  on conflict (slot, lane_id) do update set pending = counter.pending + excluded.pending
), summed as (
  select count(*)::int as n,
    string_agg('{"type":"workload.created","id":"' || id || '","lane":' || lane_id || ',"status":"pending","reason":"' || status_reason
      || '","created_ms":' || floor(extract(epoch from created_at) * 1000)::bigint || '}', ',') as items
  from made
), bumped as (
  update stream set position = position + summed.n from summed where name = 'workloads' and summed.n > 0 returning position
), logged as (
  insert into event (stream, position, item_count, items)
  select 'workloads', bumped.position, summed.n, '[' || summed.items || ']' from bumped, summed
)
select id, status_reason, created_at from made`,
};
