import { SCAN_KIND, type DemoActivity, type DemoFailure } from './activities.ts';
import type { Dice } from './dice.ts';
import type { DemoWorker } from './contract.ts';
import { workersOf } from './fleet.ts';
import type { AttemptRow, PlannedEvent, PlannedReport, WorkloadRow } from './plan-workloads.ts';
import { DAY_MS, HOUR_MS, type Span } from './span.ts';

/** A workload to be lived through. */
export interface Birth {
  readonly activity: DemoActivity;
  readonly lane: number;
  readonly created: number;
  readonly waits: 'held' | 'scheduled' | null;
}

/** Everything a workload left behind. */
export interface Lived {
  readonly workload: WorkloadRow;
  readonly attempts: readonly AttemptRow[];
  readonly events: readonly PlannedEvent[];
  readonly reports: readonly PlannedReport[];
  readonly ended: number;
}

interface Try {
  readonly worker: DemoWorker;
  readonly started: number;
  readonly took: number;
  readonly outcome: 'completed' | 'failed' | 'timeout' | 'lease_expired' | 'cancelled';
  readonly failure: DemoFailure | null;
  readonly error: string | null;
}

const LOST_LEASE_SHARE = 0.004;
const CANCELLED_SHARE = 0.008;
const LEASE_MS = 30_000;
const CHECKPOINT_MS = 30_000;
const MAX_LOSSES = 3;
const BACKOFF_MS = 1000;
/** One scanner has been slow since this long ago. */
const SLOW_SINCE_MS = 6 * HOUR_MS;
const SLOW_WORKER = 'scan-us-1';

function failureOf(activity: DemoActivity, at: number, dice: Dice): DemoFailure | null {
  const { span } = dice;
  for (const failure of activity.failures) {
    const { burst } = failure;
    const isBurst = burst !== undefined && at >= span.now - burst.from && at < span.now - burst.to;
    if (dice.chance(failure.share * (isBurst ? burst.times : 1))) return failure;
  }
  return null;
}

function throwOutcome(birth: Birth, started: number, dice: Dice): Omit<Try, 'worker' | 'started'> {
  const { activity } = birth;
  if (dice.chance(LOST_LEASE_SHARE))
    return { took: LEASE_MS + dice.whole(100, 5000), outcome: 'lease_expired', failure: null, error: null };
  const failure = failureOf(activity, started, dice);
  const usual = dice.around(activity.median_ms, activity.spread);
  if (failure === null && dice.chance(CANCELLED_SHARE))
    return { took: Math.ceil(usual * dice.next()), outcome: 'cancelled', failure: null, error: null };
  if (failure === null) return { took: usual, outcome: 'completed', failure, error: null };
  if (failure.reason === 'timeout') return { took: activity.timeout_ms, outcome: 'timeout', failure, error: failure.error(dice) };
  return { took: Math.ceil(usual * (0.1 + 0.5 * dice.next())), outcome: 'failed', failure, error: failure.error(dice) };
}

interface Tries {
  readonly tries: readonly Try[];
  readonly status: string;
  readonly reason: string;
  readonly charged: number;
  readonly losses: number;
}
interface Thrown extends Tries {
  readonly dice: Dice;
}

/** Attempts until one decides, and where the workload then stands. */
function throwTries(birth: Birth, dice: Dice): Tries {
  const tries: Try[] = [];
  let at = birth.created + dice.around(180, 0.9);
  let charged = 0;
  let losses = 0;
  for (;;) {
    const worker = dice.pick(workersOf(birth.activity.lane.kind, at, dice.span));
    const thrown = { worker, started: at, ...throwOutcome(birth, at, dice) };
    tries.push(thrown);
    if (thrown.outcome === 'lease_expired') {
      losses += 1;
      if (losses >= MAX_LOSSES) return { tries, status: 'failed', reason: 'quarantined', charged, losses };
    } else {
      charged += 1;
      if (thrown.outcome === 'completed') return { tries, status: 'completed', reason: 'leased', charged, losses };
      if (thrown.outcome === 'cancelled') return { tries, status: 'cancelled', reason: 'requested', charged, losses };
      const isOver = thrown.failure?.is_retryable !== true || charged >= birth.activity.max_attempts;
      if (isOver) return { tries, status: 'failed', reason: thrown.failure?.reason ?? 'error', charged, losses };
    }
    at += thrown.took + BACKOFF_MS * 2 ** charged + dice.whole(0, 900);
  }
}

const REQUEUED_BY: Readonly<Record<string, string>> = { lease_expired: 'lease_expired', failed: 'retry_backoff', timeout: 'retry_backoff' };

/** The keys a scanner read in that time: a daily wave, and one worker that has become slow. */
function keysIn(ms: number, entry: { worker: DemoWorker; at: number }, dice: Dice): number {
  const { span } = dice;
  const wave = 1 + 0.12 * Math.sin((2 * Math.PI * entry.at) / DAY_MS);
  const isSlow = entry.worker.name === SLOW_WORKER && entry.at > span.now - SLOW_SINCE_MS;
  return Math.round((entry.worker.pace * wave * (isSlow ? 0.3 : 1) * (0.9 + 0.2 * dice.next()) * ms) / 1000);
}

function reportsOf(id: string, attempt: Try, tools: { isScan: boolean; dice: Dice }): PlannedReport[] {
  const { isScan, dice } = tools;
  const { span } = dice;
  const { worker, started, took, outcome } = attempt;
  if (outcome === 'lease_expired' || outcome === 'cancelled') return [];
  const reports: PlannedReport[] = [];
  const report = (event: PlannedReport['event'], from: number, to: number): void => {
    const keys = isScan ? keysIn(to - from, { worker, at: from }, dice) : null;
    const entry = { worker_id: worker.id, worker_type: worker.worker_type, job_id: id, event, keys_scanned: keys, duration_ms: to - from };
    reports.push({ ...entry, started_at: span.iso(from), accepted_at: span.iso(to) });
  };
  let from = started;
  const lastCheckpoint = isScan ? started + took - 1.5 * CHECKPOINT_MS : started;
  for (; from < lastCheckpoint; from += CHECKPOINT_MS) report('checkpoint', from, from + CHECKPOINT_MS);
  report(outcome === 'completed' ? 'complete' : 'fail', from, started + took);
  return reports;
}

/** A workload that was never leased: it waits behind its queue, or for its time. */
function unborn(birth: Birth, id: string, dice: Dice): Lived {
  const { span } = dice;
  const { activity, created, waits } = birth;
  const runAt = waits === 'scheduled' ? span.now + dice.whole(1, 20) * HOUR_MS : null;
  const reason = runAt === null ? 'queued' : 'scheduled';
  const wait = runAt === null ? null : span.iso(runAt);
  const workload: WorkloadRow = {
    ...base(birth, id, dice),
    claim_order: runAt ?? created,
    status: 'pending',
    status_reason: reason,
    run_at: wait,
    wake_at: wait,
    max_attempts: activity.max_attempts,
  };
  const item = { type: 'workload.created', id, lane: birth.lane, status: 'pending', reason, created_ms: created };
  return { workload, attempts: [], events: [{ at: created, item }], reports: [], ended: created };
}

/** The columns every row has, so that all rows name the same ones. */
function base(birth: Birth, id: string, dice: Dice): WorkloadRow {
  const { span } = dice;
  const { activity, lane, created } = birth;
  return {
    id,
    lane_id: lane,
    claim_order: created,
    status: 'pending',
    status_reason: 'queued',
    payload: JSON.stringify(activity.payload(dice)),
    labels: activity.labels(dice),
    output: null,
    exit_code: null,
    error: null,
    duration_ms: null,
    attempt: 0,
    max_attempts: activity.max_attempts,
    lease_losses: 0,
    max_lease_losses: MAX_LOSSES,
    lease_epoch: 0,
    // Each try has a row in `attempt`.
    has_lease: true,
    worker_id: null,
    keys_scanned: null,
    run_at: null,
    wake_at: null,
    timeout_ms: activity.timeout_ms,
    cancel_requested_at: null,
    created_at: span.iso(created),
    started_at: null,
    finished_at: null,
    position: 1,
  };
}

/** The rows and events of one attempt, the `nth` from 0. */
function recordTry(
  birth: Birth,
  told: { id: string; nth: number; attempt: Try; charged: number; next: string; reason: string; keys: number | null },
  span: Span,
): { row: AttemptRow; events: PlannedEvent[] } {
  const { id, nth, attempt, next, reason } = told;
  const { worker, started, took, outcome } = attempt;
  const epoch = nth + 1;
  const common = { id, lane: birth.lane, worker: worker.id, epoch, attempt: told.charged, created_ms: birth.created };
  const wait = nth === 0 ? { wait_ms: started - birth.created } : {};
  const exit_code = outcome === 'completed' ? 0 : (attempt.failure?.exit_code ?? null);
  const row: AttemptRow = {
    workload_id: id,
    lease_epoch: epoch,
    attempt: told.charged,
    worker_id: worker.id,
    outcome,
    next_status: next,
    next_reason: next === 'completed' ? null : reason,
    exit_code,
    error: attempt.error,
    keys_scanned: told.keys,
    started_at: span.iso(started),
    finished_at: span.iso(started + took),
    duration_ms: took,
    started_position: 2 + 2 * nth,
    finished_position: 3 + 2 * nth,
  };
  const type = next === 'pending' ? 'workload.requeued' : `workload.${next}`;
  const end = { type, ...common, status: next, ...(next === 'completed' ? {} : { reason, outcome }), exit_code, duration_ms: took };
  return {
    row,
    events: [
      { at: started, item: { type: 'workload.started', ...common, status: 'running', reason: 'leased', ...wait } },
      { at: started + took, item: end },
    ],
  };
}

function sumKeys(reports: readonly PlannedReport[]): number | null {
  const [first] = reports;
  return first === undefined || first.keys_scanned === null ? null : reports.reduce((sum, report) => sum + (report.keys_scanned ?? 0), 0);
}

/** Records the tries one after the other; the last decides the status. */
function recordTries(birth: Birth, id: string, thrown: Thrown): Pick<Lived, 'attempts' | 'events' | 'reports'> {
  const { dice, tries, status, reason } = thrown;
  const attempts: AttemptRow[] = [];
  const events: PlannedEvent[] = [];
  const reports: PlannedReport[] = [];
  let charged = 0;
  for (const [nth, attempt] of tries.entries()) {
    const isLast = nth === tries.length - 1;
    const told = reportsOf(id, attempt, { isScan: birth.activity.lane.kind === SCAN_KIND, dice });
    const next = isLast ? status : 'pending';
    const why = isLast ? reason : (REQUEUED_BY[attempt.outcome] ?? 'released');
    const done = recordTry(birth, { id, nth, attempt, charged: charged + 1, next, reason: why, keys: sumKeys(told) }, dice.span);
    if (attempt.outcome !== 'lease_expired') charged += 1;
    attempts.push(done.row);
    events.push(...done.events);
    reports.push(...told);
  }
  return { attempts, events, reports };
}

/** Lives a workload from its creation to its end, or as far as it waits. */
export function live(birth: Birth, dice: Dice): Lived {
  const { span } = dice;
  const { activity, created } = birth;
  const id = dice.id('wl', created);
  if (birth.waits !== null) return unborn(birth, id, dice);
  const thrown = throwTries(birth, dice);
  const { tries, status, reason, charged, losses } = thrown;
  const born = { type: 'workload.created', id, lane: birth.lane, status: 'pending', reason: 'queued', created_ms: created };
  const { attempts, events, reports } = recordTries(birth, id, { ...thrown, dice });
  const last = tries.at(-1);
  if (last === undefined) throw new Error('unreachable: a workload is tried at least once');
  const ended = last.started + last.took;
  const workload: WorkloadRow = {
    ...base(birth, id, dice),
    status,
    status_reason: reason,
    output: status === 'completed' ? activity.output(dice) : null,
    exit_code: attempts.at(-1)?.exit_code ?? null,
    error: last.error,
    duration_ms: last.took,
    attempt: charged,
    lease_losses: losses,
    lease_epoch: tries.length,
    worker_id: last.worker.id,
    keys_scanned: sumKeys(reports),
    cancel_requested_at: status === 'cancelled' ? span.iso(ended) : null,
    started_at: span.iso(last.started),
    finished_at: span.iso(ended),
    position: 1 + 2 * tries.length,
  };
  return { workload, attempts, events: [{ at: created, item: born }, ...events], reports, ended };
}
