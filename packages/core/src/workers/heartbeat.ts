import { AppError, notFound } from '../errors.ts';
import type { CoreContext, GroupKind, Statement, Writer } from '../ports/index.ts';
import { LEASE_MS, type HeartbeatInput, type HeartbeatOutput } from './contract.ts';

/** Renews the listed leases that are still this worker's; $1 ids, $2 epochs, $3 workers, $4 progress. */
const RENEW: Statement = {
  name: 'renew_leases',
  text: `
update lease l set expires_at = now() + interval '${LEASE_MS} ms', is_executing = true, progress = coalesce(i.new_progress, l.progress)
from unnest($1::text[], $2::int[], $3::text[], $4::text[]) with ordinality as i(id, epoch, worker, new_progress, ord)
where l.workload_id = i.id and l.lease_epoch = i.epoch and l.worker_id = i.worker
returning i.ord::int as ord, l.cancel_requested_at is not null as is_cancelling`,
};

/** Notes the beat of each worker; $1 ids, $2 draining, $3 stopped, $4 clock skew. */
const BEAT: Statement = {
  name: 'beat_workers',
  text: `
update worker w set last_heartbeat_at = now(), draining = coalesce(b.draining, w.draining),
  stopped_at = case when b.stopped then now() else null end, clock_skew_ms = coalesce(s.skew, w.clock_skew_ms)
from unnest($1::text[], $2::boolean[], $3::boolean[], $4::text[]) as b(id, draining, stopped, reported_at),
  lateral (select case when b.reported_at is null then null else (extract(epoch from b.reported_at::timestamptz - now()) * 1000)::bigint end as skew) s(skew)
where w.id = b.id
returning w.id, w.drain_requested or w.quarantined as drain, now() as server_time`,
};

const CURRENT: Statement = {
  name: 'current_leases',
  text: `
select i.ord::int as ord, w.lease_epoch, w.status, w.status_reason, l.worker_id as holder
from unnest($1::text[]) with ordinality as i(id, ord) left join workload w on w.id = i.id left join lease l on l.workload_id = i.id`,
};

interface Lost {
  ord: number;
  lease_epoch: number | null;
  status: string | null;
  status_reason: string | null;
  holder: string | null;
}

interface BeatRow {
  id: string;
  drain: boolean;
  server_time: string;
}

interface Renewal {
  readonly input: HeartbeatInput;
  readonly job: string;
  readonly epoch: number;
  readonly progress: string | null;
}

function reasonOf(lost: Lost | undefined, epoch: number): string {
  if (lost === undefined || lost.lease_epoch === null) return 'unknown';
  if (lost.lease_epoch !== epoch) return lost.lease_epoch < epoch ? 'unknown_epoch' : 'superseded';
  return lost.holder === null ? (lost.status_reason ?? lost.status ?? 'gone') : 'other_worker';
}

/** The workers of a flush, each once, in order of id: two flushes cannot deadlock. */
function beatsOf(items: readonly HeartbeatInput[]): HeartbeatInput[] {
  const last = new Map(items.map((item) => [item.worker_id, item]));
  return [...last.values()].sort((left, right) => (left.worker_id < right.worker_id ? -1 : 1));
}

function renewalsOf(items: readonly HeartbeatInput[]): Renewal[] {
  const all = items.flatMap((input) =>
    input.leases.map((lease) => ({
      input,
      job: lease.job_id,
      epoch: lease.lease_epoch,
      progress: lease.progress === undefined ? null : JSON.stringify(lease.progress),
    })),
  );
  return all.sort((left, right) => (left.job < right.job ? -1 : 1));
}

async function writeBeats(writer: Writer, items: readonly HeartbeatInput[]): Promise<(HeartbeatOutput | AppError)[]> {
  const beats = beatsOf(items);
  const renewals = renewalsOf(items);
  const { alive, kept, lost } = await writer.transaction(async (tx) => {
    const aliveRows = await tx.run<BeatRow>(BEAT, [
      beats.map((beat) => beat.worker_id),
      beats.map((beat) => beat.draining ?? null),
      beats.map((beat) => beat.stopped ?? false),
      beats.map((beat) => validTime(beat.reported_at)),
    ]);
    if (renewals.length === 0) return { alive: aliveRows, kept: [], lost: [] };
    const keptRows = await tx.run<{ ord: number; is_cancelling: boolean }>(RENEW, [
      renewals.map((renewal) => renewal.job),
      renewals.map((renewal) => renewal.epoch),
      renewals.map((renewal) => renewal.input.worker_id),
      renewals.map((renewal) => renewal.progress),
    ]);
    const keptOrds = new Set(keptRows.map((row) => row.ord));
    const gone = renewals.filter((_, index) => !keptOrds.has(index + 1));
    const lostRows = gone.length === 0 ? [] : await tx.run<Lost>(CURRENT, [gone.map((renewal) => renewal.job)]);
    return { alive: aliveRows, kept: keptRows, lost: lostRows.map((row) => ({ row, renewal: gone[row.ord - 1] })) };
  });
  const cancelling = new Map(kept.map((row) => [row.ord, row.is_cancelling]));
  const beatOf = new Map(alive.map((row) => [row.id, row]));
  return items.map((item) => {
    const beat = beatOf.get(item.worker_id);
    if (beat === undefined) return notFound('worker', item.worker_id);
    const answer: HeartbeatOutput = { renewed: [], stale: [], cancel: [], drain: beat.drain, server_time: beat.server_time };
    renewals.forEach((renewal, index) => {
      if (renewal.input !== item) return;
      const isCancelling = cancelling.get(index + 1);
      if (isCancelling === undefined) {
        const found = lost.find((entry) => entry.renewal === renewal)?.row;
        answer.stale.push({ job_id: renewal.job, reason: reasonOf(found, renewal.epoch), current_epoch: found?.lease_epoch ?? null });
        return;
      }
      answer.renewed.push(renewal.job);
      if (isCancelling) answer.cancel.push(renewal.job);
    });
    return answer;
  });
}

/** What a worker says of its clock, if it is a time at all: it is only ever shown. */
function validTime(reported: string | undefined): string | null {
  if (reported === undefined) return null;
  const ms = Date.parse(reported);
  return Number.isFinite(ms) && Math.abs(ms) < 8e15 ? new Date(ms).toISOString() : null;
}

const HEARTBEAT_KIND: GroupKind<HeartbeatInput, HeartbeatOutput> = {
  name: 'heartbeat',
  maxRows: 2000,
  rows: (input) => 1 + input.leases.length,
  write: writeBeats,
};

/**
 * One beat of a worker: renews the leases it lists (and only those), and carries back what it must stop.
 * @throws {AppError} NOT_FOUND for a worker that never registered.
 */
export async function heartbeat(ctx: CoreContext, input: HeartbeatInput): Promise<HeartbeatOutput> {
  const worker = await ctx.roster.get(input.worker_id);
  const answer = await ctx.commits.submit(HEARTBEAT_KIND, input);
  const isAccepting = input.draining !== true && input.stopped !== true && !answer.drain;
  if (worker.is_accepting !== isAccepting) ctx.hub.publish(['workers', `worker:${worker.id}`]);
  return answer;
}
