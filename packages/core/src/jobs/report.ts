import { AppError } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { announceClaimed, claimFromLimited, toClaimedJob } from './claim-jobs.ts';
import { claimableOf } from './claimable-lanes.ts';
import { CLOSE_KIND, closeRow, type CloseRow, type Closed } from './close.ts';
import type { ReportInput, ReportItem, ReportOutput, ReportResult } from './contract.ts';
import { CYCLE_KIND, type CompleteRow, type CycleResult } from './cycle.ts';
import { NOTE_KIND, type Noted, type NoteRow } from './note.ts';
import { boundOutput, withoutNul } from './output-text.ts';
import { recordHistory, type Acceptance } from './record-history.ts';
import { tellMonitors } from './tell-monitors.ts';

type Of<Op extends ReportItem['op']> = Extract<ReportItem, { op: Op }>;

function jsonOrNull(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

function outputOf(item: Of<'complete'> | Of<'fail'>): { output: string | null; truncated: boolean } {
  if (item.output === undefined || item.output === null) return { output: null, truncated: item.output_truncated ?? false };
  const bounded = boundOutput(item.output);
  return { output: bounded.output, truncated: bounded.isTruncated || item.output_truncated === true };
}

function completeRow(item: Of<'complete'>, worker: string | null): CompleteRow {
  const { output, truncated } = outputOf(item);
  return {
    id: item.job_id,
    epoch: item.lease_epoch,
    worker,
    exit_code: item.exit_code ?? null,
    output,
    truncated,
    cursor: jsonOrNull(item.cursor),
    progress: jsonOrNull(item.progress),
    keys: item.keys_scanned ?? null,
    request_id: item.request_id ?? null,
  };
}

function failRow(item: Of<'fail'>, worker: string | null): CloseRow {
  const { output, truncated } = outputOf(item);
  return closeRow({
    id: item.job_id,
    epoch: item.lease_epoch,
    worker,
    op: 'fail',
    is_retryable: item.retryable,
    reason: item.reason,
    error: item.error,
    exit_code: item.exit_code ?? null,
    signal: item.signal ?? null,
    output,
    truncated,
    cursor: jsonOrNull(item.cursor),
    progress: jsonOrNull(item.progress),
    keys: item.keys_scanned ?? null,
    request_id: item.request_id ?? null,
    retry_after_ms: item.retry_after_ms ?? null,
  });
}

function releaseRow(item: Of<'release'>, worker: string | null): CloseRow {
  return closeRow({
    id: item.job_id,
    epoch: item.lease_epoch,
    worker,
    op: 'release',
    reason: item.reason ?? null,
    cursor: jsonOrNull(item.cursor),
    progress: jsonOrNull(item.progress),
    keys: item.keys_scanned ?? null,
    request_id: item.request_id ?? null,
  });
}

function noteRow(item: Of<'checkpoint'> | Of<'output'>, worker: string | null): NoteRow {
  const base = { id: item.job_id, epoch: item.lease_epoch, worker };
  if (item.op === 'output') {
    const text = withoutNul(item.text);
    const event = { type: 'output', seq: item.seq, stream: item.stream, text };
    return {
      ...base,
      op: 'output',
      cursor: null,
      progress: null,
      keys: null,
      request_id: null,
      seq: item.seq,
      bytes: text.length,
      item: JSON.stringify(event),
    };
  }
  const event = {
    type: 'checkpoint',
    keys_scanned: item.keys_scanned ?? null,
    duration_ms: item.duration_ms ?? null,
    progress: item.progress ?? null,
  };
  return {
    ...base,
    op: 'checkpoint',
    cursor: jsonOrNull(item.cursor),
    progress: jsonOrNull(item.progress),
    keys: item.keys_scanned ?? null,
    request_id: item.request_id ?? null,
    seq: null,
    bytes: null,
    item: JSON.stringify(event),
  };
}

/** An answer per item: accepted, or the refusal. Failures of the server itself are not per item and are thrown on. */
function settled(jobId: string, outcome: PromiseSettledResult<unknown>): ReportResult {
  if (outcome.status === 'fulfilled') return { job_id: jobId, ok: true };
  const error: unknown = outcome.reason;
  if (!(error instanceof AppError) || error.code === 'UNAVAILABLE') throw error;
  return refusal(jobId, error);
}

function refusal(jobId: string, error: AppError): ReportResult {
  return {
    job_id: jobId,
    ok: false,
    code: error.code,
    message: error.message,
    ...(error.data === undefined ? {} : { data: { ...error.data } }),
  };
}

function announceClosed(ctx: CoreContext, closed: readonly Closed[]): void {
  const news = closed.filter((entry) => !entry.is_repeat);
  if (news.length === 0) return;
  const ready = news.filter((entry) => entry.status === 'pending' && entry.wake_at === null && entry.lane_id !== null);
  const waits = news.some((entry) => entry.wake_at !== null);
  const freed = roomIn(
    ctx,
    news.flatMap((entry) => (entry.lane_id === null ? [] : [entry.lane_id])),
  );
  ctx.hub.publish([
    'workloads',
    ...news.map((entry) => entry.id),
    ...ready.map((entry) => `lane:${entry.lane_id}`),
    ...freed,
    ...(waits ? ['wake'] : []),
  ]);
}

/** Closes leases in groups and says so; one answer per row. */
export async function closeLeases(ctx: CoreContext, rows: readonly CloseRow[]): Promise<PromiseSettledResult<Closed>[]> {
  const outcomes = await Promise.allSettled(rows.map((row) => ctx.commits.submit(CLOSE_KIND, row)));
  announceClosed(
    ctx,
    outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
  );
  return outcomes;
}

async function noteAll(ctx: CoreContext, rows: readonly NoteRow[]): Promise<PromiseSettledResult<Noted>[]> {
  if (rows.length === 0) return [];
  const answers = await ctx.commits.submit(NOTE_KIND, rows);
  ctx.hub.publish([...new Set(rows.map((row) => row.id))]);
  return answers.map((answer) =>
    answer instanceof AppError ? { status: 'rejected', reason: answer } : { status: 'fulfilled', value: answer },
  );
}

/** Lanes of queues with limits, where an end makes room for a start. */
function roomIn(ctx: CoreContext, lanes: readonly number[]): string[] {
  const limited = lanes.filter((id) => {
    const lane = ctx.lanes.find(id);
    return lane !== undefined && ctx.queues.find(lane.queue)?.is_limited === true;
  });
  return limited.map((id) => `lane:${id}`);
}

interface Asked {
  readonly worker: string | null;
  readonly items: readonly ReportItem[];
  readonly claim: { readonly worker: string; readonly lanes: readonly number[]; readonly max: number } | null;
}

async function cycle(ctx: CoreContext, completes: readonly CompleteRow[], claim: Asked['claim']): Promise<CycleResult> {
  if (completes.length === 0 && claim === null) return { completed: [], accepted: [], freed: [], claimed: [] };
  const result = await ctx.commits.submit(CYCLE_KIND, { completes, claim });
  const done = completes.filter((_, index) => result.completed[index] === null).map((row) => row.id);
  if (done.length > 0) ctx.hub.publish(['workloads', ...done, ...roomIn(ctx, result.freed)]);
  announceClaimed(ctx, result.claimed);
  return result;
}

/**
 * Applies reports in the order that keeps each of them true: checkpoints and output first, then what ends leases.
 * Everything a call carries shares flushes with what other agents report at the same moment.
 */
export async function applyReports(ctx: CoreContext, asked: Asked): Promise<{ results: ReportResult[]; claimed: CycleResult['claimed'] }> {
  const notes = asked.items.filter((item) => item.op === 'checkpoint' || item.op === 'output');
  const completes = asked.items.filter((item) => item.op === 'complete');
  const closes = asked.items.filter((item) => item.op === 'fail' || item.op === 'release');
  const noted = await noteAll(
    ctx,
    notes.map((item) => noteRow(item, asked.worker)),
  );
  // Recorded as soon as accepted: what fails after it must not take the row away.
  notes.forEach((item, index) => recordHistory(ctx, item, acceptanceOf(noted[index])));
  // Before the ends of the same call: the run that a chunk belongs to must still be open.
  await tellMonitors(ctx, notes, noted);
  const closing = closeLeases(
    ctx,
    closes.map((item) => (item.op === 'fail' ? failRow(item, asked.worker) : releaseRow(item, asked.worker))),
  );
  const [closed, cycled] = await Promise.all([
    closing.then((outcomes) => {
      closes.forEach((item, index) => recordHistory(ctx, item, acceptanceOf(outcomes[index])));
      return outcomes;
    }),
    cycle(
      ctx,
      completes.map((item) => completeRow(item, asked.worker)),
      asked.claim,
    ),
  ]);
  completes.forEach((item, index) => recordHistory(ctx, item, cycled.accepted[index] ?? null));
  const answers = new Map<ReportItem, ReportResult>();
  notes.forEach((item, index) => setSettled(answers, item, noted[index]));
  closes.forEach((item, index) => setSettled(answers, item, closed[index]));
  completes.forEach((item, index) => {
    const refused = cycled.completed[index] ?? null;
    answers.set(item, refused === null ? { job_id: item.job_id, ok: true } : refusal(item.job_id, refused));
  });
  return { results: asked.items.map((item) => answers.get(item) ?? { job_id: item.job_id, ok: false }), claimed: cycled.claimed };
}

function acceptanceOf(outcome: PromiseSettledResult<Acceptance> | undefined): Acceptance | null {
  return outcome?.status === 'fulfilled' ? outcome.value : null;
}

function setSettled(answers: Map<ReportItem, ReportResult>, item: ReportItem, outcome: PromiseSettledResult<unknown> | undefined): void {
  if (outcome !== undefined) answers.set(item, settled(item.job_id, outcome));
}

/**
 * The agent's hot call: up to 500 reports, and optionally a claim, in one round trip; a result per item, in order.
 * Every item is fenced by its `lease_epoch` and idempotent by its `request_id`.
 */
export async function report(ctx: CoreContext, input: ReportInput): Promise<ReportOutput> {
  const worker = await ctx.roster.get(input.worker_id);
  const max = input.claim !== undefined && worker.is_accepting ? input.claim.max : 0;
  const { lanes, limited } = claimableOf(ctx, worker);
  const claim = max === 0 || lanes.length === 0 ? null : { worker: worker.id, lanes, max };
  const { results, claimed } = await applyReports(ctx, { worker: worker.id, items: input.items, claim });
  const more = limited.length === 0 || claimed.length >= max ? [] : await claimFromLimited(ctx, worker, max - claimed.length);
  announceClaimed(ctx, more);
  return { results, jobs: await Promise.all([...claimed, ...more].map((row) => toClaimedJob(ctx, row))) };
}
