import type { ClaimedJob, ReportResult } from '@tidemark/core/jobs/contract';
import { MAX_ERROR_CHARS, MAX_OUTPUT_BYTES, type Progress } from '@tidemark/core/workloads/contract';
import type { Logger } from 'pino';
import {
  type CheckpointReport,
  type Executor,
  type JobContext,
  type Outcome,
  StopRequest,
  type StopReason,
} from '../executors/executor.ts';
import { keepOutput } from '../output/kept-output.ts';
import { clean } from '../output/text-stream.ts';
import { startTimer } from './backoff.ts';
import { CheckpointQueue } from './checkpoint-queue.ts';
import type { LeaseHolder } from './leases.ts';
import { LiveOutput } from './live-output.ts';
import type { Reporter } from './reporter.ts';
import type { OutcomeItem, StateDir } from './state-dir.ts';

/** What one report may have, so that it fits a request of 1 MiB with room for what is around it. */
const MAX_ITEM_BYTES = 1_000_000;

/** Between asking a job to end and killing it. */
export const STOP_GRACE_MS = 5_000;

export interface JobRunOptions {
  reporter: Reporter;
  state: StateDir;
  log: Logger;
  /** The server has answered for the outcome, or nobody wants it: the lease is no longer held. */
  onOver(run: JobRun): void;
}

/** One attempt of one job: runs it, stops it when it has to, and sees its outcome through to the server. */
export class JobRun implements LeaseHolder {
  readonly job_id: string;
  readonly lease_epoch: number;
  readonly lease_ms: number;
  current_progress: Progress | undefined;
  readonly #job: ClaimedJob;
  readonly #options: JobRunOptions;
  readonly #stopper = new AbortController();
  readonly #live: LiveOutput;
  readonly #checkpoints: CheckpointQueue;
  #phase: 'executing' | 'reporting' | 'over' = 'executing';

  constructor(job: ClaimedJob, options: JobRunOptions) {
    const { job_id, lease_epoch, lease_ms } = job;
    this.job_id = job_id;
    this.lease_epoch = lease_epoch;
    this.lease_ms = lease_ms;
    this.#job = job;
    this.#options = options;
    const settle = (result: ReportResult): void => this.#onNoteSettled(result);
    this.#live = new LiveOutput((chunk) => options.reporter.add({ op: 'output', job_id, lease_epoch, ...chunk }, settle));
    this.#checkpoints = new CheckpointQueue({ job_id, lease_epoch }, (item, settled) =>
      options.reporter.add(item, (result) => {
        settled(result);
        settle(result);
      }),
    );
  }

  get is_executing(): boolean {
    return this.#phase === 'executing';
  }

  /** Resolves when the work is over and its outcome is safe on disk and on its way; the slot is free then. */
  async execute(executor: Executor): Promise<void> {
    const { timeout_ms } = this.#job;
    const stopTimer = timeout_ms === null ? () => undefined : startTimer(timeout_ms, () => this.stop('timeout', STOP_GRACE_MS));
    const outcome = await executor.run(this.#context()).catch((error: unknown): Outcome => ({
      op: 'fail',
      error: `The executor failed: ${error instanceof Error ? error.message : String(error)}`,
      retryable: true,
    }));
    stopTimer();
    if (this.#phase !== 'executing') return;
    this.#phase = 'reporting';
    this.#live.flush();
    await this.#tell(fitRequest(this.#outcomeItem(outcome)));
  }

  stop(reason: StopReason, graceMs: number): void {
    if (this.#phase === 'executing') this.#stopper.abort(new StopRequest(reason, graceMs));
  }

  onCancel(): void {
    this.stop('cancelled', STOP_GRACE_MS);
  }

  /** Kills the work and keeps nothing of it: it belongs to somebody else now. */
  onLost(reason: string): void {
    if (this.#phase !== 'executing') return;
    this.#options.log.warn({ job_id: this.job_id, lease_epoch: this.lease_epoch, reason }, 'the lease is lost, stopping the job');
    this.#phase = 'over';
    // A stop that was polite until now becomes a kill: executors listen once, so the reason of the first one stands.
    this.#stopper.abort(new StopRequest('fenced', 0));
    this.#live.discard();
    this.#options.reporter.drop(this.job_id, this.lease_epoch);
    this.#options.onOver(this);
  }

  #context(): JobContext {
    const stopped = new Promise<void>((resolve) => this.#stopper.signal.addEventListener('abort', () => resolve(), { once: true }));
    return {
      job: this.#job,
      signal: this.#stopper.signal,
      write: (stream, text) => this.#live.write(stream, text),
      progress: (progress) => {
        this.current_progress = progress;
      },
      checkpoint: (report: CheckpointReport) => {
        if (report.progress !== undefined) this.current_progress = report.progress;
        if (this.#phase !== 'executing') return Promise.resolve();
        // Nobody waits for a server that is away once the job has to stop: what is not told yet goes with its outcome.
        return Promise.race([this.#checkpoints.add(report), stopped]);
      },
    };
  }

  #outcomeItem(outcome: Outcome): OutcomeItem {
    const { job_id, lease_epoch } = this;
    const rest = this.#checkpoints.takeRest(outcome.op === 'complete' ? outcome.keys_scanned : undefined);
    const base = { ...rest, job_id, lease_epoch, request_id: `${job_id}.${lease_epoch}.end` };
    const stop =
      this.#stopper.signal.aborted && this.#stopper.signal.reason instanceof StopRequest ? this.#stopper.signal.reason.reason : null;
    const { op, exit_code, output, output_truncated } = outcome;
    const captured = {
      ...(output === undefined ? {} : { output, output_truncated: output_truncated ?? false }),
      ...(exit_code === undefined ? {} : { exit_code }),
    };
    if (stop === 'released' && op === 'fail') return { op: 'release', ...base, reason: 'the worker is shutting down' };
    const signal = op === 'fail' && outcome.signal ? { signal: outcome.signal } : {};
    if (stop === 'cancelled')
      return { op: 'fail', ...base, ...captured, ...signal, error: 'Cancelled on request', retryable: false, reason: 'cancelled' };
    if (stop === 'timeout') {
      return {
        op: 'fail',
        ...base,
        ...captured,
        ...signal,
        error: `Not finished within its limit of ${this.#job.timeout_ms} ms`,
        retryable: true,
        reason: 'timeout',
      };
    }
    if (op === 'complete') return { op, ...base, ...captured };
    const error = clean(outcome.error).slice(0, MAX_ERROR_CHARS) || 'failed without a message';
    return { op, ...base, ...captured, ...signal, error, retryable: outcome.retryable, reason: 'error' };
  }

  async #tell(item: OutcomeItem): Promise<void> {
    const { state, reporter, log } = this.#options;
    await state
      .keepOutcome(item)
      .catch((error: unknown) => log.error({ err: error, job_id: item.job_id }, 'the outcome could not be kept on disk'));
    reporter.add(item, (result) => void this.#onOutcomeSettled(item, result));
  }

  async #onOutcomeSettled(item: OutcomeItem, result: ReportResult): Promise<void> {
    const { state, log, reporter } = this.#options;
    if (!result.ok && (result.code === 'VALIDATION' || result.code === 'PAYLOAD_TOO_LARGE') && item.request_id?.endsWith('.end') === true) {
      const { job_id, lease_epoch } = item;
      const error = `The worker's report was refused: ${result.message ?? result.code}`.slice(0, MAX_ERROR_CHARS);
      const plain: OutcomeItem = {
        op: 'fail',
        job_id,
        lease_epoch,
        error,
        retryable: false,
        reason: 'error',
        request_id: `${job_id}.${lease_epoch}.plain`,
      };
      await state.keepOutcome(plain).catch(() => undefined);
      return reporter.add(plain, (answer) => void this.#onOutcomeSettled(plain, answer));
    }
    if (!result.ok)
      log.warn(
        { job_id: item.job_id, lease_epoch: item.lease_epoch, code: result.code },
        `the outcome was refused: ${result.message ?? ''}`,
      );
    this.#phase = 'over';
    this.#options.onOver(this);
    await state.dropOutcome(item).catch((error: unknown) => log.error({ err: error }, 'a reported outcome could not be removed'));
  }

  #onNoteSettled(result: ReportResult): void {
    if (!result.ok && (result.code === 'LEASE_STALE' || result.code === 'NOT_FOUND')) this.onLost(result.message ?? 'refused');
  }
}

/** A large cursor beside a large output: the output gives way. */
function fitRequest(item: OutcomeItem): OutcomeItem {
  let fitted = item;
  for (
    let limit = MAX_OUTPUT_BYTES;
    limit > 0 && Buffer.byteLength(JSON.stringify(fitted)) > MAX_ITEM_BYTES;
    limit = Math.floor(limit / 2)
  ) {
    if (item.op === 'release' || typeof item.output !== 'string') break;
    fitted = { ...item, ...keepOutput(item.output, limit), output_truncated: true };
  }
  return fitted;
}
