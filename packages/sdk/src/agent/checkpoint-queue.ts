import type { ReportItem, ReportResult } from '@tidemark/core/jobs/contract';
import type { Progress } from '@tidemark/core/workloads/contract';
import type { CheckpointReport } from '../executors/executor.ts';

type CheckpointItem = Extract<ReportItem, { op: 'checkpoint' }>;
export type IntervalFields = Pick<CheckpointItem, 'cursor' | 'keys_scanned' | 'progress' | 'started_at' | 'duration_ms'>;

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

/**
 * The checkpoints of one attempt: one on its way at a time, because the server knows a repeated one only by the last request id.
 * What comes meanwhile is merged into the next: counts add up, the newest cursor and progress win.
 */
export class CheckpointQueue {
  readonly #lease: { job_id: string; lease_epoch: number };
  readonly #send: (item: CheckpointItem, settled: (result: ReportResult) => void) => void;
  #pending: CheckpointReport | null = null;
  #waiters: Waiter[] = [];
  #isSending = false;
  #count = 0;
  #startedAt = new Date();
  #startedMs = performance.now();

  constructor(
    lease: { job_id: string; lease_epoch: number },
    send: (item: CheckpointItem, settled: (result: ReportResult) => void) => void,
  ) {
    this.#lease = lease;
    this.#send = send;
  }

  /** Resolves when the server accepted it or the attempt is over; @throws when the server says that it does not fit. */
  add(report: CheckpointReport): Promise<void> {
    this.#pending = merge(this.#pending, report);
    const settled = new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    this.#next();
    return settled;
  }

  /** What was not sent yet, and the interval since the last one: the outcome carries it. */
  takeRest(keysScanned: number | undefined): IntervalFields {
    const rest = merge(this.#pending, { keys_scanned: keysScanned });
    this.#pending = null;
    this.#waiters.splice(0).forEach((waiter) => waiter.resolve());
    return this.#interval(rest);
  }

  #next(): void {
    if (this.#isSending || this.#pending === null) return;
    this.#isSending = true;
    const waiters = this.#waiters.splice(0);
    const report = this.#pending;
    this.#pending = null;
    const { job_id, lease_epoch } = this.#lease;
    this.#count += 1;
    const item: CheckpointItem = {
      op: 'checkpoint',
      job_id,
      lease_epoch,
      ...this.#interval(report),
      request_id: `${job_id}.${lease_epoch}.${this.#count}`,
    };
    this.#send(item, (result) => {
      this.#isSending = false;
      const isUnfit = !result.ok && (result.code === 'VALIDATION' || result.code === 'PAYLOAD_TOO_LARGE');
      for (const waiter of waiters) {
        if (isUnfit) waiter.reject(new Error(`The checkpoint was refused: ${result.message ?? result.code}`));
        else waiter.resolve();
      }
      this.#next();
    });
  }

  #interval(report: CheckpointReport): IntervalFields {
    const started_at = this.#startedAt.toISOString();
    const duration_ms = Math.max(0, Math.round(performance.now() - this.#startedMs));
    this.#startedAt = new Date();
    this.#startedMs = performance.now();
    const { cursor, keys_scanned, progress } = report;
    return {
      started_at,
      duration_ms,
      ...(cursor === undefined ? {} : { cursor }),
      ...(keys_scanned === undefined ? {} : { keys_scanned }),
      ...(progress === undefined ? {} : { progress }),
    };
  }
}

function merge(before: CheckpointReport | null, next: CheckpointReport): CheckpointReport {
  const counts = [before?.keys_scanned, next.keys_scanned].filter((count) => count !== undefined);
  const progress: Progress | undefined = next.progress ?? before?.progress;
  return {
    cursor: next.cursor === undefined ? before?.cursor : next.cursor,
    keys_scanned: counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0),
    progress,
  };
}
