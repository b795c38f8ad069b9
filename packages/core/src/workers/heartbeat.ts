import { notFound, type AppError } from '../errors.ts';
import { giveLeaseRows } from '../leases/index.ts';
import type { CoreContext, GroupKind, Statement, StatementRunner, Writer } from '../ports/index.ts';
import { LEASE_MS, type HeartbeatInput, type HeartbeatOutput } from './contract.ts';
import { reopenSession } from './sessions.ts';

/** Renews the listed leases that are still this worker's; $1 ids, $2 epochs, $3 workers, $4 progress. */
const RENEW: Statement = {
  name: 'renew_leases',
  text: `
update lease l set expires_at = now() + interval '${LEASE_MS} ms', is_executing = true, progress = coalesce(i.new_progress, l.progress),
  progressed_at = case when i.new_progress is not null and i.new_progress is distinct from l.progress then now() else l.progressed_at end
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

/** Ends the sessions of those that sign off; $1 ids. */
const SIGN_OFF: Statement = {
  name: 'sign_off_workers',
  text: `
update worker_session set ended_at = greatest(started_at, now()), end_reason = 'stopped'
where worker_id = any($1::text[]) and ended_at is null`,
};

const CURRENT: Statement = {
  name: 'current_leases',
  text: `
select i.ord::int as ord, w.lease_epoch, w.status, w.status_reason,
  coalesce(l.worker_id, case when w.status = 'running' and w.status_reason = 'leased' then w.worker_id end) as holder
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
  readonly worker: string;
  readonly job: string;
  readonly epoch: number;
  readonly progress: string | null;
}

function reasonOf(lost: Lost | undefined, epoch: number): string {
  if (lost === undefined || lost.lease_epoch === null) return 'unknown';
  if (lost.lease_epoch !== epoch) return lost.lease_epoch < epoch ? 'unknown_epoch' : 'superseded';
  if (lost.holder !== null) return 'other_worker';
  return lost.status === 'completed' ? 'completed' : (lost.status_reason ?? lost.status ?? 'gone');
}

/** The workers of a flush, each once, in order of id: two flushes cannot deadlock. */
function beatsOf(items: readonly HeartbeatInput[]): HeartbeatInput[] {
  const last = new Map(items.map((item) => [item.worker_id, item]));
  return [...last.values()].sort((left, right) => (left.worker_id < right.worker_id ? -1 : 1));
}

function keyOf(worker: string, lease: { job_id: string; lease_epoch: number }): string {
  return `${worker} ${lease.job_id} ${lease.lease_epoch}`;
}

/** Every lease once, though a beat that was sent again shares the flush of the first: an update sees each row once. */
function renewalsOf(items: readonly HeartbeatInput[]): Map<string, Renewal> {
  const all = new Map<string, Renewal>();
  for (const { worker_id: worker, leases } of items) {
    for (const lease of leases) {
      const key = keyOf(worker, lease);
      const progress = lease.progress === undefined ? (all.get(key)?.progress ?? null) : JSON.stringify(lease.progress);
      all.set(key, { worker, job: lease.job_id, epoch: lease.lease_epoch, progress });
    }
  }
  return new Map([...all].sort(([, left], [, right]) => (left.job < right.job ? -1 : 1)));
}

interface Renewed {
  /** By key, whether the job is being cancelled. */
  readonly kept: ReadonlyMap<string, boolean>;
  readonly lost: ReadonlyMap<string, Lost>;
}

async function renewRows(tx: StatementRunner, renewals: ReadonlyMap<string, Renewal>, kept: Map<string, boolean>): Promise<void> {
  const keys = [...renewals.keys()];
  const rows = [...renewals.values()];
  const renewed = await tx.run<{ ord: number; is_cancelling: boolean }>(RENEW, [
    rows.map((renewal) => renewal.job),
    rows.map((renewal) => renewal.epoch),
    rows.map((renewal) => renewal.worker),
    rows.map((renewal) => renewal.progress),
  ]);
  for (const row of renewed) kept.set(keys[row.ord - 1] ?? '', row.is_cancelling);
}

/** What no lease row answered for: the first beat of a job may be the first word about it, and gives its lease one. */
async function renewSilent(writer: Writer, renewals: ReadonlyMap<string, Renewal>, kept: Map<string, boolean>): Promise<Renewed> {
  const left = (): Map<string, Renewal> => new Map([...renewals].filter(([key]) => !kept.has(key)));
  const silent = left();
  if (silent.size === 0) return { kept, lost: new Map() };
  await giveLeaseRows(
    writer,
    [...silent.values()].map((renewal) => renewal.job),
  );
  await renewRows(writer, silent, kept);
  const gone = [...left()];
  const found = gone.length === 0 ? [] : await writer.run<Lost>(CURRENT, [gone.map(([, renewal]) => renewal.job)]);
  return { kept, lost: new Map(found.map((row) => [gone[row.ord - 1]?.[0] ?? '', row])) };
}

function answerBeat(item: HeartbeatInput, beat: BeatRow, { kept, lost }: Renewed): HeartbeatOutput {
  const answer: HeartbeatOutput = { renewed: [], stale: [], cancel: [], drain: beat.drain, server_time: beat.server_time };
  for (const lease of item.leases) {
    const key = keyOf(item.worker_id, lease);
    const isCancelling = kept.get(key);
    if (isCancelling === undefined) {
      const found = lost.get(key);
      answer.stale.push({ job_id: lease.job_id, reason: reasonOf(found, lease.lease_epoch), current_epoch: found?.lease_epoch ?? null });
    } else {
      answer.renewed.push(lease.job_id);
      if (isCancelling) answer.cancel.push(lease.job_id);
    }
  }
  return answer;
}

async function writeBeats(writer: Writer, items: readonly HeartbeatInput[]): Promise<(HeartbeatOutput | AppError)[]> {
  const beats = beatsOf(items);
  const renewals = renewalsOf(items);
  const kept = new Map<string, boolean>();
  const alive = await writer.transaction(async (tx) => {
    const rows = await tx.run<BeatRow>(BEAT, [
      beats.map((beat) => beat.worker_id),
      beats.map((beat) => beat.draining ?? null),
      beats.map((beat) => beat.stopped ?? false),
      beats.map((beat) => validTime(beat.reported_at)),
    ]);
    const leaving = beats.filter((beat) => beat.stopped === true).map((beat) => beat.worker_id);
    if (leaving.length > 0) await tx.run(SIGN_OFF, [leaving]);
    if (renewals.size > 0) await renewRows(tx, renewals, kept);
    return new Map(rows.map((row) => [row.id, row]));
  });
  const renewed = await renewSilent(writer, renewals, kept);
  return items.map((item) => {
    const beat = alive.get(item.worker_id);
    return beat === undefined ? notFound('worker', item.worker_id) : answerBeat(item, beat, renewed);
  });
}

/** What a worker says of its clock, if it is a time at all: it is only ever shown. */
function validTime(reported: string | undefined): string | null {
  if (reported === undefined) return null;
  const ms = Date.parse(reported);
  return ms >= 0 && ms < 253_402_300_800_000 ? new Date(ms).toISOString() : null;
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
  if (worker.is_accepting !== isAccepting) {
    if (isAccepting) await reopenSession(ctx, worker.id);
    ctx.roster.forget(worker.id);
    ctx.hub.publish(['workers', `worker:${worker.id}`]);
  }
  return answer;
}
