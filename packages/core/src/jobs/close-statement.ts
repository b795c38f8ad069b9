import type { Statement } from '../ports/index.ts';

/**
 * How a lease ends without a completion.
 * - `fail`: the code failed, was cancelled, or ran out of time, as the agent tells it
 * - `release`: the agent hands it back
 * - `expire`: the lease ran out (only if it really has)
 * - `timeout`: the execution or total deadline passed (only if it really has)
 * - `grace`: a cancel was not confirmed in time (only if it really was not)
 */
export type CloseOperation = 'fail' | 'release' | 'expire' | 'timeout' | 'grace';

/** Columns of a closing, in the order of the statement's arrays. */
export const CLOSE_COLUMNS = [
  'id',
  'epoch',
  'worker',
  'op',
  'is_retryable',
  'reason',
  'error',
  'exit_code',
  'signal',
  'output',
  'truncated',
  'cursor',
  'progress',
  'keys',
  'request_id',
  'retry_after_ms',
] as const;

/** A retry waits at most this long. */
const MAX_BACKOFF_MS = 3_600_000;

/**
 * Ends leases and moves their workloads where the lifecycle table says, in one guarded statement. A cancel beats a retry;
 * an attempt is charged only when the code failed; the checkpoint is kept. $1 slot, $2 a random number in [0, 1) for jitter,
 * then one array per column. Sweeper and agent use the same statement, so neither can overwrite the other.
 */
export const CLOSE: Statement = {
  name: 'close',
  text: `
with gone as (
  delete from lease l
  using unnest($3::text[], $4::int[], $5::text[], $6::text[], $7::boolean[], $8::text[], $9::text[], $10::int[], $11::text[], $12::text[],
    $13::boolean[], $14::text[], $15::text[], $16::bigint[], $17::text[], $18::bigint[]) with ordinality
    as i(id, epoch, worker, op, is_retryable, reason, error, exit_code, signal, output, truncated, cursor, new_progress, keys,
      request_id, retry_after_ms, ord)
  where l.workload_id = i.id and l.lease_epoch = i.epoch and (i.worker is null or l.worker_id = i.worker)
    and (i.op not in ('expire', 'timeout', 'grace')
      or (i.op = 'expire' and l.expires_at < now())
      or (i.op = 'timeout' and l.deadline_at < now())
      or (i.op = 'grace' and l.cancel_deadline_at < now()))
  returning l.*, i.op, i.is_retryable, i.reason, i.error, i.exit_code, i.signal, i.output, i.truncated, i.cursor, i.new_progress,
    i.keys, i.request_id, i.retry_after_ms, i.ord
), planned as (
  select g.*, w.backoff_ms, w.attempt as charged, w.lease_losses, w.max_lease_losses,
    case
      when g.op = 'grace' then 'cancelled'
      when g.cancel_requested_at is not null then 'cancelled'
      when g.op = 'release' then 'pending'
      when g.op = 'expire' then case when w.lease_losses + 1 >= w.max_lease_losses then 'failed' else 'pending' end
      when g.is_retryable and w.attempt < w.max_attempts and (w.deadline_at is null or w.deadline_at > now()) then 'pending'
      else 'failed'
    end as next_status
  from gone g join workload w on w.id = g.workload_id and w.lease_epoch = g.lease_epoch
), reasoned as (
  select p.*,
    case p.next_status
      when 'cancelled' then case when p.op in ('grace', 'expire') then 'unconfirmed' else 'requested' end
      when 'pending' then case p.op when 'release' then 'released' when 'expire' then 'lease_expired' else 'retry_backoff' end
      else case when p.op = 'expire' then 'quarantined' when p.op = 'timeout' or p.reason = 'timeout' then 'timeout' else 'error' end
    end as next_reason,
    case
      when p.next_status = 'cancelled' then case when p.op in ('grace', 'expire') then 'unconfirmed' else 'cancelled' end
      when p.op = 'release' then 'released'
      when p.op = 'expire' then 'lease_expired'
      when p.op = 'timeout' or p.reason = 'timeout' then 'timeout'
      else 'failed'
    end as outcome,
    case
      when p.next_status = 'pending' and p.op in ('fail', 'timeout') then
        now() + coalesce(p.retry_after_ms, least(${MAX_BACKOFF_MS}, p.backoff_ms * power(2, least(p.charged - 1, 20)))
          * (0.5 + 0.5 * abs((($2::float8 + p.ord * 0.618) - floor($2::float8 + p.ord * 0.618))))) * interval '1 ms'
      when p.next_status = 'pending' and p.op = 'expire' and p.lease_losses >= 1 then now() + p.backoff_ms * interval '1 ms'
    end as wake
  from planned p
), closed as (
  update workload w set status = r.next_status, status_reason = r.next_reason,
    attempt = case when r.op in ('release', 'expire') then w.attempt - 1 else w.attempt end,
    lease_losses = case when r.op = 'expire' then w.lease_losses + 1 else w.lease_losses end,
    finished_at = case when r.next_status = 'pending' then null else now() end,
    duration_ms = case when r.next_status = 'pending' then null else greatest(0, extract(epoch from now() - r.granted_at) * 1000)::bigint end,
    exit_code = r.exit_code, signal = r.signal, error = r.error,
    output = coalesce(r.output, w.output), output_truncated = coalesce(r.truncated, w.output_truncated),
    progress = coalesce(r.new_progress, r.progress, w.progress), checkpoint = coalesce(r.cursor, r.checkpoint, w.checkpoint),
    keys_scanned = case when r.keys is null and r.keys_scanned is null then w.keys_scanned
      else coalesce(w.keys_scanned, 0) + coalesce(r.keys_scanned, 0) + coalesce(r.keys, 0) end,
    wake_at = r.wake, position = r.position + 1,
    worker_id = case when r.next_status = 'pending' then null else w.worker_id end
  from reasoned r
  where w.id = r.workload_id and w.lease_epoch = r.lease_epoch and w.status = 'running'
  returning w.id, w.lane_id, w.lease_epoch, w.status, w.status_reason, w.wake_at, w.created_at, w.position, r.worker_id, r.attempt,
    r.granted_at, r.started_position, r.outcome, r.exit_code, r.signal, r.error, r.request_id, r.ord,
    greatest(0, extract(epoch from now() - r.granted_at) * 1000)::bigint as took_ms,
    case when r.keys is null and r.keys_scanned is null then null else coalesce(r.keys_scanned, 0) + coalesce(r.keys, 0) end as attempt_keys
), tried as (
  insert into attempt (workload_id, lease_epoch, attempt, worker_id, outcome, next_status, next_reason, exit_code, signal, error,
    keys_scanned, request_id, started_at, finished_at, duration_ms, started_position, finished_position)
  select id, lease_epoch, attempt, worker_id, outcome, status, status_reason, exit_code, signal, error, attempt_keys, request_id,
    granted_at, now(), took_ms, started_position, position
  from closed
), counted as (
  insert into counter (slot, lane_id, pending, running, failed, cancelled)
  select $1::int, lane_id, count(*) filter (where status = 'pending'), -count(*), count(*) filter (where status = 'failed'),
    count(*) filter (where status = 'cancelled')
  from closed group by lane_id order by lane_id
  on conflict (slot, lane_id) do update set pending = counter.pending + excluded.pending, running = counter.running + excluded.running,
    failed = counter.failed + excluded.failed, cancelled = counter.cancelled + excluded.cancelled
), summed as (
  select count(*)::int as n, string_agg('{"type":"' || case status when 'pending' then 'workload.requeued' else 'workload.' || status end
    || '","id":"' || id || '","lane":' || lane_id || ',"status":"' || status || '","reason":"' || status_reason || '","worker":"' || worker_id
    || '","epoch":' || lease_epoch || ',"attempt":' || attempt || ',"outcome":"' || outcome || '","exit_code":' || coalesce(exit_code::text, 'null')
    || ',"duration_ms":' || took_ms || ',"created_ms":' || floor(extract(epoch from created_at) * 1000)::bigint || '}', ',') as items
  from closed
), bumped as (
  update stream set position = position + summed.n from summed where name = 'workloads' and summed.n > 0 returning position
), logged as (
  insert into event (stream, position, item_count, items)
  select 'workloads', bumped.position, summed.n, '[' || summed.items || ']' from bumped, summed
)
select ord::int as ord, id, lane_id, status, status_reason, wake_at, outcome, worker_id, now() as accepted_at from closed`,
};
