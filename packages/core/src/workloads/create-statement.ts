import { epochMsOf, packedItem, packedItems } from '../events/index.ts';
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
  'leased_to',
] as const;

/** Columns that are the same for every row of a plain flush, sent once; `CREATE_ALIKE` takes them as $5 to $9. */
export const ALIKE_COLUMNS = ['priority', 'max_attempts', 'max_lease_losses', 'timeout_ms', 'backoff_ms'] as const;

/** Parameters of `CREATE_LEASED` from $2 on. */
export const LEASED_COLUMNS = ['id', 'lane_id', 'payload', ...ALIKE_COLUMNS, 'leased_to'] as const;

/** Columns a plain flush leaves empty. */
export const RARE_COLUMNS = [
  'labels',
  'concurrency_key',
  'run_at',
  'start_deadline_at',
  'deadline_at',
  'idempotency_key',
  'request_hash',
  'leased_to',
] as const;

const CREATED = { type: 'workload.created', status: 'pending', numbers: { created_ms: epochMsOf('now()') } } as const;
const CREATED_ALIKE_ITEMS = packedItems('made', { ...CREATED, reason: 'queued', columns: { id: 'id', lane: 'lane_id' } });
const CREATED_ITEMS = packedItems('made', {
  ...CREATED,
  columns: { id: 'id', lane: 'lane_id', reason: `case status when 'running' then 'queued' else status_reason end` },
});
const STARTED = {
  type: 'workload.started',
  status: 'running',
  reason: 'leased',
  numbers: { epoch: '1', attempt: '1', wait_ms: '0', created_ms: epochMsOf('now()') },
} as const;
const STARTED_ITEMS = packedItems(`made where status = 'running'`, {
  ...STARTED,
  columns: { id: 'id', lane: 'lane_id', worker: 'worker_id' },
});

/** Counts what was made and appends its events; the stream's row is locked last. The statement's answer comes after it. */
function recording(items: string): string {
  return `counted as (
  insert into counter (slot, lane_id, pending, running)
  select $1::int, lane_id, count(*) filter (where status = 'pending'), count(*) filter (where status = 'running')
  from made group by lane_id order by lane_id
  on conflict (slot, lane_id) do update set pending = counter.pending + excluded.pending, running = counter.running + excluded.running
), told as (
  ${items}
), summed as (
  select sum(n)::int as n, string_agg(item, ',' order by ord) as items from told
), bumped as (
  update stream set position = position + summed.n from summed where name = 'workloads' and summed.n > 0 returning position
), logged as (
  insert into event (stream, position, item_count, items)
  select 'workloads', bumped.position, summed.n, '[' || summed.items || ']' from bumped, summed
)`;
}

/** Inserts plain workloads that differ in id, lane and payload only: most flushes, at a fraction of the parameters. One row answers for all. */
export const CREATE_ALIKE: Statement = {
  name: 'create_alike',
  text: `
with made as (
  insert into workload (id, lane_id, priority, claim_order, status, status_reason, payload, max_attempts, max_lease_losses, timeout_ms, backoff_ms)
  select id, lane_id, $5::int, ${epochMsOf('now()')} - $5::bigint * ${PRIORITY_STEP_MS}, 'pending', 'queued', payload,
    $6::int, $7::int, $8::bigint, $9::int
  from unnest($2::text[], $3::int[], $4::text[]) as i(id, lane_id, payload)
  returning id, lane_id, status
), ${recording(`select 1 as ord, e.* from (${CREATED_ALIKE_ITEMS}) e`)}
select 'queued' as status_reason, now() as created_at`,
};

/**
 * Inserts the workloads, counts them and appends their events; rows whose idempotency key exists are left out of the answer.
 * A row with `leased_to` is leased in the insert itself (hand-off to a parked agent): created and started in one commit.
 * $1 is the writer slot, then one array per column.
 */
export const CREATE_WORKLOADS: Statement = {
  name: 'create_workloads',
  text: `
with input as (
  select * from unnest($2::text[], $3::int[], $4::int[], $5::text[], $6::jsonb[], $7::text[], $8::int[], $9::int[], $10::bigint[],
    $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::int[], $15::text[], $16::text[], $17::text[])
    as i(id, lane_id, priority, payload, labels, concurrency_key, max_attempts, max_lease_losses, timeout_ms,
      run_at, start_deadline_at, deadline_at, backoff_ms, idempotency_key, request_hash, leased_to)
), made as (
  insert into workload (id, lane_id, priority, claim_order, status, status_reason, payload, labels, concurrency_key, max_attempts,
    max_lease_losses, timeout_ms, run_at, wake_at, start_deadline_at, deadline_at, backoff_ms, idempotency_key, request_hash,
    worker_id, lease_epoch, attempt, started_at, position)
  select id, lane_id, priority,
    ${epochMsOf('greatest(run_at, now())')} - priority::bigint * ${PRIORITY_STEP_MS},
    case when leased_to is null then 'pending' else 'running' end,
    case when leased_to is not null then 'leased' when run_at > now() then 'scheduled' else 'queued' end, payload, labels, concurrency_key, max_attempts,
    max_lease_losses, timeout_ms, run_at, case when run_at > now() then run_at end, start_deadline_at, deadline_at, backoff_ms,
    idempotency_key, request_hash, leased_to, case when leased_to is null then 0 else 1 end, case when leased_to is null then 0 else 1 end,
    case when leased_to is null then null else now() end, case when leased_to is null then 1 else 2 end
  from input
  on conflict (idempotency_key) where idempotency_key is not null do nothing
  returning id, lane_id, status, status_reason, created_at, worker_id
), granted as (
  insert into lease_grant (lanes, workload_ids, epochs)
  select array_agg(distinct lane_id), array_agg(id), array_agg(1) from made where status = 'running' having count(*) > 0
), ${recording(`select 1 as ord, e.* from (${CREATED_ITEMS}) e
  union all
  select 2, e.* from (${STARTED_ITEMS}) e`)}
select id, status_reason, created_at from made`,
};

/**
 * Inserts one plain workload, leased to a parked agent in the insert itself: what an agent that waits is woken by. Single values, no
 * lists: at rest, when this is what there is to do, every node of a plan is cold and costs.
 * $1 is the writer slot, then `LEASED_COLUMNS`.
 */
export const CREATE_LEASED: Statement = {
  name: 'create_leased',
  text: `
with made as (
  insert into workload (id, lane_id, priority, claim_order, status, status_reason, payload, max_attempts, max_lease_losses, timeout_ms, backoff_ms,
    worker_id, lease_epoch, attempt, started_at, position)
  values ($2::text, $3::int, $5::int, ${epochMsOf('now()')} - $5::bigint * ${PRIORITY_STEP_MS}, 'running', 'leased', $4::text, $6::int, $7::int, $8::bigint,
    $9::int, $10::text, 1, 1, now(), 2)
  returning status_reason, created_at
), granted as (
  insert into lease_grant (lanes, workload_ids, epochs) values (array[$3::int], array[$2::text], array[1])
), counted as (
  insert into counter (slot, lane_id, pending, running) values ($1::int, $3::int, 0, 1)
  on conflict (slot, lane_id) do update set running = counter.running + 1
), bumped as (
  update stream set position = position + 2 where name = 'workloads' returning position, ${epochMsOf('now()')} as at_ms
), logged as (
  insert into event (stream, position, item_count, items)
  select 'workloads', position, 2, '[' || ${packedItem({
    ...CREATED,
    reason: 'queued',
    numbers: { created_ms: 'at_ms' },
    columns: { id: '$2::text', lane: '$3::int' },
  })} || ',' || ${packedItem({
    ...STARTED,
    numbers: { ...STARTED.numbers, created_ms: 'at_ms' },
    columns: { id: '$2::text', lane: '$3::int', worker: '$10::text' },
  })} || ']' from bumped
)
select status_reason, created_at from made`,
};
