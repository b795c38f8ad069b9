import type { Statement } from '../ports/index.ts';
import { LEASE_MS } from '../workers/contract.ts';

/** Columns of a completion, in the order of the statement's arrays; `ord` comes from the position in them. */
export const COMPLETE_COLUMNS = [
  'id',
  'epoch',
  'worker',
  'exit_code',
  'output',
  'truncated',
  'cursor',
  'progress',
  'keys',
  'request_id',
] as const;

/**
 * Closes the leases and completes their workloads. The lease is the fence: no lease of this epoch, no completion.
 * Arrays drive primary-key look-ups; the guard on status implies no partial index.
 */
function completing(first: number): string {
  const at = (offset: number): string => `$${first + offset}`;
  return `
gone as (
  delete from lease l
  using unnest(${at(0)}::text[], ${at(1)}::int[], ${at(2)}::text[], ${at(3)}::int[], ${at(4)}::text[], ${at(5)}::boolean[], ${at(6)}::text[],
    ${at(7)}::text[], ${at(8)}::bigint[], ${at(9)}::text[]) with ordinality
    as i(id, epoch, worker, exit_code, output, truncated, cursor, new_progress, keys, request_id, ord)
  where l.workload_id = i.id and l.lease_epoch = i.epoch and (i.worker is null or l.worker_id = i.worker)
  returning l.*, i.exit_code, i.output, i.truncated, i.cursor, i.new_progress, i.keys, i.request_id, i.ord
), done as (
  update workload w set status = 'completed', finished_at = now(),
    duration_ms = greatest(0, extract(epoch from now() - g.granted_at) * 1000)::bigint,
    exit_code = g.exit_code, output = g.output, output_truncated = g.truncated,
    progress = coalesce(g.new_progress, g.progress), checkpoint = coalesce(g.cursor, g.checkpoint, w.checkpoint),
    keys_scanned = case when g.keys is null and g.keys_scanned is null then w.keys_scanned
      else coalesce(w.keys_scanned, 0) + coalesce(g.keys_scanned, 0) + coalesce(g.keys, 0) end,
    position = g.position + 1
  from gone g
  where w.id = g.workload_id and w.lease_epoch = g.lease_epoch and w.status = 'running'
  returning w.id, w.lane_id, w.lease_epoch, w.worker_id, w.duration_ms, w.finished_at, w.created_at, w.position,
    g.attempt, g.granted_at, g.started_position, g.exit_code, g.request_id, g.ord,
    case when g.keys is null and g.keys_scanned is null then null else coalesce(g.keys_scanned, 0) + coalesce(g.keys, 0) end as attempt_keys
), tried as (
  insert into attempt (workload_id, lease_epoch, attempt, worker_id, outcome, next_status, exit_code, keys_scanned, request_id,
    started_at, finished_at, duration_ms, started_position, finished_position)
  select id, lease_epoch, attempt, worker_id, 'completed', 'completed', exit_code, attempt_keys, request_id,
    granted_at, finished_at, duration_ms, started_position, position
  from done
)`;
}

/** Can be claimed now, in the words of the index of ready workloads. */
export const IS_READY = `w.status_reason in ('queued', 'released', 'lease_expired') and w.wake_at is null`;

/** Picks the next due workloads of the lanes, in claim order. */
function picking(lanes: number, workers: number): string {
  return `
picked as materialized (
  select array(
    select c.id
    from unnest($${lanes}::int[]) as l(lane_id)
    cross join lateral (
      select w.id, w.claim_order from workload w
      where w.lane_id = l.lane_id and ${IS_READY}
        and (w.start_deadline_at is null or w.start_deadline_at > now() or w.started_at is not null) and (w.deadline_at is null or w.deadline_at > now())
      order by w.claim_order, w.id
      limit cardinality($${workers}::text[])
      for update skip locked
    ) c
    order by c.claim_order, c.id
    limit cardinality($${workers}::text[])
  ) as ids
)`;
}

/** Leases what was picked, dealt round robin to the workers. */
function leasing(workers: number): string {
  return `
claimed as (
  update workload w set status = 'running', status_reason = 'leased', lease_epoch = w.lease_epoch + 1, attempt = w.attempt + 1,
    worker_id = p.worker_id, started_at = now(), position = w.position + 1, error = null, exit_code = null, signal = null
  from (select u.id, u.worker_id from unnest((select ids from picked), $${workers}::text[]) as u(id, worker_id) where u.id is not null) p
  where w.id = p.id
  returning w.id, w.lane_id, w.lease_epoch, w.attempt, w.worker_id, w.payload, w.labels, w.timeout_ms, w.deadline_at, w.checkpoint,
    w.concurrency_key, w.created_at, w.run_at, w.position, w.lease_losses
), granted as (
  insert into lease (workload_id, lease_epoch, lane_id, worker_id, attempt, granted_at, expires_at, deadline_at,
    started_position, position, concurrency_key)
  select id, lease_epoch, lane_id, worker_id, attempt, now(), now() + interval '${LEASE_MS} ms',
    least(now() + timeout_ms * interval '1 ms', deadline_at), position, position, concurrency_key
  from claimed
)`;
}

const DONE_DELTAS = `select lane_id, 0 as pending, -1 as running, 1 as completed, duration_ms, 1 as durations from done`;
const CLAIMED_DELTAS = `select lane_id, -1 as pending, 1 as running, 0 as completed, 0::bigint as duration_ms, 0 as durations from claimed`;

const DONE_ITEMS = `select '{"type":"workload.completed","id":"' || id || '","lane":' || lane_id || ',"status":"completed","worker":"' || worker_id
  || '","epoch":' || lease_epoch || ',"attempt":' || attempt || ',"exit_code":' || coalesce(exit_code::text, 'null') || ',"duration_ms":' || duration_ms
  || ',"created_ms":' || floor(extract(epoch from created_at) * 1000)::bigint || '}' as item from done`;
const CLAIMED_ITEMS = `select '{"type":"workload.started","id":"' || id || '","lane":' || lane_id || ',"status":"running","reason":"leased","worker":"' || worker_id
  || '","epoch":' || lease_epoch || ',"attempt":' || attempt
  || case when lease_epoch = 1 then ',"wait_ms":' || greatest(0, extract(epoch from now() - greatest(created_at, run_at)) * 1000)::bigint else '' end
  || ',"created_ms":' || floor(extract(epoch from created_at) * 1000)::bigint || '}' as item from claimed`;

const DONE_ANSWER = `select ord::int as ord, id, lane_id, null::int as lease_epoch, null::int as attempt, worker_id,
  null::text as payload, null::text as labels, null::bigint as timeout_ms, null::text as checkpoint, finished_at as accepted_at from done`;
const CLAIMED_ANSWER = `select null::int as ord, id, lane_id, lease_epoch, attempt, worker_id, payload, labels::text as labels, timeout_ms, checkpoint,
  null::timestamptz as accepted_at from claimed`;

/** Counters, event row and answer; the stream row is locked last, after every row lock, so that no two flushes deadlock. */
function recording(parts: { deltas: string; items: string; answer: string }): string {
  return `
counted as (
  insert into counter (slot, lane_id, pending, running, completed, duration_ms_sum, duration_count)
  select $1::int, lane_id, sum(pending), sum(running), sum(completed), sum(duration_ms), sum(durations)
  from (${parts.deltas}) d group by lane_id order by lane_id
  on conflict (slot, lane_id) do update set pending = counter.pending + excluded.pending, running = counter.running + excluded.running,
    completed = counter.completed + excluded.completed, duration_ms_sum = counter.duration_ms_sum + excluded.duration_ms_sum,
    duration_count = counter.duration_count + excluded.duration_count
), summed as (
  select count(*)::int as n, string_agg(item, ',') as items from (${parts.items}) e
), bumped as (
  update stream set position = position + summed.n from summed where name = 'workloads' and summed.n > 0 returning position
), logged as (
  insert into event (stream, position, item_count, items)
  select 'workloads', bumped.position, summed.n, '[' || summed.items || ']' from bumped, summed
)
${parts.answer}`;
}

/** $1 slot, then the completion arrays. */
export const COMPLETE: Statement = {
  name: 'complete',
  text: `with ${completing(2)},${recording({ deltas: DONE_DELTAS, items: DONE_ITEMS, answer: DONE_ANSWER })}`,
};

/** $1 slot, $2 lanes, $3 workers: one entry per job wanted. */
export const CLAIM: Statement = {
  name: 'claim',
  text: `with ${picking(2, 3)},${leasing(3)},${recording({ deltas: CLAIMED_DELTAS, items: CLAIMED_ITEMS, answer: CLAIMED_ANSWER })}`,
};

/** Completes and claims in one statement, one commit: $1 slot, the completion arrays, then lanes and workers. */
export const CYCLE: Statement = {
  name: 'cycle',
  text: `with ${completing(2)},${picking(2 + COMPLETE_COLUMNS.length, 3 + COMPLETE_COLUMNS.length)},${leasing(3 + COMPLETE_COLUMNS.length)},${recording(
    {
      deltas: `${DONE_DELTAS} union all ${CLAIMED_DELTAS}`,
      items: `${DONE_ITEMS} union all ${CLAIMED_ITEMS}`,
      answer: `${DONE_ANSWER} union all ${CLAIMED_ANSWER}`,
    },
  )}`,
};

/** Claims these workloads, if they are still due: $1 slot, $2 ids, $3 workers. For queues with limits, which choose first. */
export const CLAIM_CHOSEN: Statement = {
  name: 'claim_chosen',
  text: `with picked as materialized (
  select array(
    select w.id from unnest($2::text[]) with ordinality as c(id, ord) join workload w on w.id = c.id
    where ${IS_READY} order by c.ord for update of w skip locked
  ) as ids
),${leasing(3)},${recording({ deltas: CLAIMED_DELTAS, items: CLAIMED_ITEMS, answer: CLAIMED_ANSWER })}`,
};
