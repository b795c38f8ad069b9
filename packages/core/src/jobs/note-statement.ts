import type { Statement } from '../ports/index.ts';
import { LEASE_MS } from '../workers/contract.ts';

/** Columns of a note (checkpoint or output chunk), in the order of the statement's arrays. */
export const NOTE_COLUMNS = ['id', 'epoch', 'worker', 'op', 'cursor', 'progress', 'keys', 'request_id', 'seq', 'bytes', 'item'] as const;

/** Live output kept per attempt; what comes after it is in the final output only. */
const MAX_LIVE_OUTPUT_BYTES = 4_194_304;

/**
 * Records checkpoints and output chunks on the leases, extends them, and appends to each workload's own stream.
 * A repeated `request_id` or chunk number changes nothing and is left out of the answer. Each workload at most once a call.
 * $1 is unused (the slot, for symmetry), then one array per column; `item` is the event's JSON without its attempt.
 */
export const NOTE: Statement = {
  name: 'note',
  text: `
with noted as (
  update lease l set
    checkpoint = coalesce(i.cursor, l.checkpoint), progress = coalesce(i.new_progress, l.progress),
    keys_scanned = case when i.keys is null then l.keys_scanned else coalesce(l.keys_scanned, 0) + i.keys end,
    last_request_id = case when i.op = 'checkpoint' then i.request_id else l.last_request_id end,
    progressed_at = case when i.op = 'checkpoint' then now() else l.progressed_at end,
    output_seq = coalesce(i.seq, l.output_seq), output_bytes = l.output_bytes + coalesce(i.bytes, 0),
    is_executing = true, expires_at = greatest(l.expires_at, now() + interval '${LEASE_MS} ms'),
    position = case when i.op = 'output' and l.output_bytes >= ${MAX_LIVE_OUTPUT_BYTES} then l.position else l.position + 1 end
  from unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[], $10::int[], $11::int[], $12::text[])
    with ordinality as i(id, epoch, worker, op, cursor, new_progress, keys, request_id, seq, bytes, item, ord)
  where l.workload_id = i.id and l.lease_epoch = i.epoch and (i.worker is null or l.worker_id = i.worker)
    and (i.request_id is null or l.last_request_id is distinct from i.request_id) and (i.seq is null or i.seq > l.output_seq)
  returning l.workload_id, l.position, l.attempt, l.worker_id, l.granted_at, i.item, i.ord,
    not (i.op = 'output' and l.output_bytes - coalesce(i.bytes, 0) >= ${MAX_LIVE_OUTPUT_BYTES}) as is_logged
), logged as (
  insert into event (stream, position, item_count, items)
  select workload_id, position, 1, '[{"attempt":' || attempt || ',' || substr(item, 2) || ']' from noted where is_logged
)
select ord::int as ord, workload_id as id, worker_id, granted_at, now() as accepted_at from noted where $1::int is not null`,
};

/**
 * Why a note or closing found no row: the lease as it is, and the attempt that was closed under this epoch. A workload without a
 * lease row speaks for its lease while it runs, and for its attempt once it completed.
 */
export const INSPECT: Statement = {
  name: 'inspect_lease',
  text: `
select i.ord::int as ord, w.id, w.status, w.status_reason, w.lease_epoch, w.cancel_requested_at, l.last_request_id, l.output_seq,
  coalesce(l.worker_id, case when s.is_silent and w.status = 'running' then w.worker_id end) as lease_worker,
  coalesce(l.lease_epoch, case when s.is_silent and w.status = 'running' then w.lease_epoch end) as open_epoch,
  coalesce(a.outcome, case when s.is_silent and w.status = 'completed' then 'completed' end) as outcome,
  coalesce(a.request_id, case when s.is_silent and w.status = 'completed' then w.closed_request_id end) as closed_request_id,
  case when a.workload_id is null then w.exit_code else a.exit_code end as closed_exit_code, a.error as closed_error
from unnest($1::text[], $2::int[]) with ordinality as i(id, epoch, ord)
left join workload w on w.id = i.id
left join lateral (select w.status_reason = 'leased' and not w.has_lease and (w.status = 'running' or w.lease_epoch = i.epoch) as is_silent) s on true
left join lease l on l.workload_id = i.id
left join attempt a on a.workload_id = i.id and a.lease_epoch = i.epoch`,
};
