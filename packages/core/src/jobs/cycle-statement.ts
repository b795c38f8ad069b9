import { epochMsOf, msOf, packedItems } from '../events/index.ts';
import type { Statement } from '../ports/index.ts';
import { insertLeases } from '../leases/index.ts';

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

/** The arrays of completions as rows "i", from the parameter `first` on. */
function completions(first: number): string {
  const at = (offset: number): string => `$${first + offset}`;
  return `unnest(${at(0)}::text[], ${at(1)}::int[], ${at(2)}::text[], ${at(3)}::int[], ${at(4)}::text[], ${at(5)}::boolean[], ${at(6)}::text[],
    ${at(7)}::text[], ${at(8)}::bigint[], ${at(9)}::text[]) with ordinality
    as i(id, epoch, worker, exit_code, output, truncated, cursor, new_progress, keys, request_id, ord)`;
}

/**
 * Completes workloads whose lease has no row: nothing was said of them since their claim, so the workload's own row is the fence.
 * Arrays drive primary-key look-ups; the guard on status implies no partial index.
 */
function completing(first: number): string {
  return `
done as (
  update workload w set status = 'completed', finished_at = now(),
    duration_ms = ${msOf('now() - w.started_at')},
    exit_code = i.exit_code, output = i.output, output_truncated = coalesce(i.truncated, false), progress = i.new_progress,
    checkpoint = coalesce(i.cursor, w.checkpoint),
    keys_scanned = case when i.keys is null then w.keys_scanned else coalesce(w.keys_scanned, 0) + i.keys end,
    closed_request_id = i.request_id, position = w.position + 1
  from ${completions(first)}
  where w.id = i.id and w.lease_epoch = i.epoch and (i.worker is null or w.worker_id = i.worker)
    and w.status = 'running' and w.status_reason = 'leased' and not w.has_lease
  returning w.id, w.lane_id, w.lease_epoch, w.worker_id, w.duration_ms, w.finished_at, w.created_at, w.attempt, w.exit_code, i.ord
)`;
}

/** Closes leases that have a row and completes their workloads. The row is the fence: no lease of this epoch, no completion. */
function completingLeased(first: number): string {
  return `
gone as (
  delete from lease l
  using ${completions(first)}
  where l.workload_id = i.id and l.lease_epoch = i.epoch and (i.worker is null or l.worker_id = i.worker)
  returning l.*, i.exit_code, i.output, i.truncated, i.cursor, i.new_progress, i.keys, i.request_id, i.ord
), done as (
  update workload w set status = 'completed', finished_at = now(),
    duration_ms = ${msOf('now() - g.granted_at')},
    exit_code = g.exit_code, output = g.output, output_truncated = coalesce(g.truncated, false),
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

/** Numbers of a claim's parameters, from `first` on. */
interface ClaimParameters {
  readonly lanes: number;
  readonly floors: number;
  readonly workers: number;
}

const claimFrom = (first: number): ClaimParameters => ({ lanes: first, floors: first + 1, workers: first + 2 });

/** Can be claimed now, in the words of the index of ready workloads. */
export const IS_READY = `w.status_reason in ('queued', 'released', 'lease_expired') and w.wake_at is null`;

/**
 * Picks the next due workloads of the lanes, in claim order, and locks them: until the end of the statement their places hold.
 * The parameters: lanes, the claim order to begin at in each, and workers, one entry per job wanted.
 */
function picking({ lanes, floors, workers }: ClaimParameters): string {
  return `
picked as materialized (
  select array(
    select c.place
    from unnest($${lanes}::int[], $${floors}::bigint[]) as l(lane_id, floor)
    cross join lateral (
      select w.id, w.claim_order, w.ctid as place from workload w
      where w.lane_id = l.lane_id and w.claim_order >= l.floor and ${IS_READY}
        and (w.start_deadline_at is null or w.start_deadline_at > now() or w.started_at is not null) and (w.deadline_at is null or w.deadline_at > now())
      order by w.claim_order, w.id
      limit cardinality($${workers}::text[])
      for update skip locked
    ) c
    order by c.claim_order, c.id
    limit cardinality($${workers}::text[])
  ) as places
)`;
}

/** One row for all that a claim leased. */
const GRANTING = `granted as (
  insert into lease_grant (lanes, workload_ids, epochs)
  select array_agg(distinct lane_id), array_agg(id), array_agg(lease_epoch) from claimed having count(*) > 0
)`;

/** A lease row for each: limits count them, and are exact from the first moment on. */
const LEASING = `granted as (${insertLeases('claimed')})`;

/** Leases what was picked, dealt round robin to the workers. */
function leasing(workers: number, hasLease: boolean): string {
  return `
claimed as (
  update workload w set status = 'running', status_reason = 'leased', lease_epoch = w.lease_epoch + 1, attempt = w.attempt + 1,
    worker_id = p.worker_id, started_at = now(), position = w.position + 1, has_lease = ${hasLease}, error = null, exit_code = null, signal = null
  from (select u.place, u.worker_id from unnest((select places from picked), $${workers}::text[]) as u(place, worker_id) where u.place is not null) p
  where w.ctid = p.place
  returning w.id, w.lane_id, w.lease_epoch, w.attempt, w.worker_id, w.payload, w.labels, w.timeout_ms, w.deadline_at, w.checkpoint,
    w.concurrency_key, w.created_at, w.run_at, w.started_at, w.position, w.claim_order
), ${hasLease ? LEASING : GRANTING}`;
}

const DONE_DELTAS = `select lane_id, 0 as pending, -1 as running, 1 as completed, duration_ms, 1 as durations from done`;
const CLAIMED_DELTAS = `select lane_id, -1 as pending, 1 as running, 0 as completed, 0::bigint as duration_ms, 0 as durations from claimed`;

const DONE_ITEMS = packedItems('done', {
  type: 'workload.completed',
  status: 'completed',
  columns: {
    id: 'id',
    lane: 'lane_id',
    worker: 'worker_id',
    epoch: 'lease_epoch',
    attempt: 'attempt',
    exit_code: 'exit_code',
    duration_ms: 'duration_ms',
    created_ms: epochMsOf('created_at'),
  },
});
const CLAIMED_ITEMS = packedItems('claimed', {
  type: 'workload.started',
  status: 'running',
  reason: 'leased',
  columns: {
    id: 'id',
    lane: 'lane_id',
    worker: 'worker_id',
    epoch: 'lease_epoch',
    attempt: 'attempt',
    wait_ms: `case when lease_epoch = 1 then ${msOf('now() - greatest(created_at, run_at)')} end`,
    created_ms: epochMsOf('created_at'),
  },
});

/** Completions by lane and worker: what they have in common is answered once. */
const DONE_ANSWER = `select array_agg(ord::int) as ords, null::text as id, lane_id, null::int as lease_epoch, null::int as attempt, worker_id,
  null::text as payload, null::text as labels, null::bigint as timeout_ms, null::text as checkpoint, null::bigint as claim_order, min(finished_at) as accepted_at
  from done group by lane_id, worker_id`;
const CLAIMED_ANSWER = `select null::int[] as ords, id, lane_id, lease_epoch, attempt, worker_id, payload, labels::text as labels, timeout_ms, checkpoint,
  claim_order, null::timestamptz as accepted_at from claimed`;

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
  select sum(n)::int as n, string_agg(item, ',') as items from (${parts.items}) e
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

/** The same for leases that have a row: what `COMPLETE` and `CYCLE` left. */
export const COMPLETE_LEASED: Statement = {
  name: 'complete_leased',
  text: `with ${completingLeased(2)},${recording({ deltas: DONE_DELTAS, items: DONE_ITEMS, answer: DONE_ANSWER })}`,
};

const AFTER_COMPLETIONS = claimFrom(2 + COMPLETE_COLUMNS.length);

/** $1 slot, then the claim's parameters. */
export const CLAIM: Statement = {
  name: 'claim',
  text: `with ${picking(claimFrom(2))},${leasing(claimFrom(2).workers, false)},${recording({
    deltas: CLAIMED_DELTAS,
    items: CLAIMED_ITEMS,
    answer: CLAIMED_ANSWER,
  })}`,
};

/** Completes and claims in one statement, one commit: $1 slot, the completion arrays, then the claim's parameters. */
export const CYCLE: Statement = {
  name: 'cycle',
  text: `with ${completing(2)},${picking(AFTER_COMPLETIONS)},${leasing(AFTER_COMPLETIONS.workers, false)},${recording({
    deltas: `${DONE_DELTAS} union all ${CLAIMED_DELTAS}`,
    items: `${DONE_ITEMS} union all ${CLAIMED_ITEMS}`,
    answer: `${DONE_ANSWER} union all ${CLAIMED_ANSWER}`,
  })}`,
};

/** Claims these workloads, if they are still due: $1 slot, $2 ids, $3 workers. For queues with limits, which choose first. */
export const CLAIM_CHOSEN: Statement = {
  name: 'claim_chosen',
  text: `with picked as materialized (
  select array(
    select w.ctid from unnest($2::text[]) with ordinality as c(id, ord) join workload w on w.id = c.id
    where ${IS_READY} order by c.ord for update of w skip locked
  ) as places
),${leasing(3, true)},${recording({ deltas: CLAIMED_DELTAS, items: CLAIMED_ITEMS, answer: CLAIMED_ANSWER })}`,
};
