import { MAX_REPORT_ITEMS, type ClaimedJob, type ReportItem, type ReportResult } from '@tidemark/core/jobs/contract';
import type { Logger } from 'pino';
import { type Controller, findRefusal } from '../controller.ts';
import { Backoff } from './backoff.ts';

const MAX_CALL_BYTES = 900_000;
const RETRY_CAP_MS = 3_000;

/** One report on its way. `settle` is told the server's answer, once. */
export interface Report {
  readonly item: ReportItem;
  readonly bytes: number;
  settle(result: ReportResult): void;
}

export interface ReporterOptions {
  controller: Controller;
  log: Logger;
  workerId(): string;
  /** Slots that the call may fill, taken until `onClaimed` or `onNotClaimed`. */
  reserveSlots(): number;
  onClaimed(jobs: ClaimedJob[], reserved: number, sentAt: number): void;
}

/**
 * Tells the server what happened, in order, for as long as it takes. Everything that is ready goes in one call; while a call is
 * on its way the next one fills up. A report is only forgotten when the server has answered for it.
 */
export class Reporter {
  readonly #options: ReporterOptions;
  readonly #stop = new AbortController();
  readonly #backoff = new Backoff(RETRY_CAP_MS);
  #queue: Report[] = [];
  #flushing: Promise<void> | null = null;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#queue.length === 0 && this.#flushing === null;
  }

  add(item: ReportItem, settle: (result: ReportResult) => void = () => undefined): void {
    this.#queue.push({ item, bytes: Buffer.byteLength(JSON.stringify(item)), settle });
    this.#kick();
  }

  #kick(): void {
    if (this.#flushing !== null || this.#queue.length === 0 || this.#stop.signal.aborted) return;
    this.#flushing = this.#flush().finally(() => {
      this.#flushing = null;
      this.#kick();
    });
  }

  /** Forgets what is still waiting for this lease: nobody wants it any more. */
  drop(jobId: string, epoch: number): void {
    this.#queue = this.#queue.filter(({ item }) => item.job_id !== jobId || item.lease_epoch !== epoch);
  }

  /** Resolves when all was told or `signal` aborts. */
  async drained(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    while (this.#flushing !== null && !signal.aborted) await Promise.race([this.#flushing, aborted]);
  }

  close(): void {
    this.#stop.abort();
    this.#queue = [];
  }

  async #flush(): Promise<void> {
    // One turn, so that what ends together is told together.
    await new Promise((resolve) => setImmediate(resolve));
    let isSingle = false;
    while (this.#queue.length > 0 && !this.#stop.signal.aborted) {
      const batch = this.#nextBatch(isSingle);
      const error = await this.#send(batch);
      isSingle = false;
      if (error === null) {
        this.#backoff.reset();
        continue;
      }
      const refusal = findRefusal(error);
      if (refusal !== null && (refusal.code === 'VALIDATION' || refusal.code === 'PAYLOAD_TOO_LARGE')) {
        // One report spoils the call for all of them: send them one by one, and answer for the one that is to blame.
        if (batch.length === 1) this.#settle(batch, [{ job_id: batch[0]?.item.job_id ?? '', ok: false, ...refusal }]);
        else isSingle = true;
        continue;
      }
      if (this.#backoff.failures === 0 || refusal !== null)
        this.#options.log.warn({ err: error, waiting: this.#queue.length }, 'reports could not be delivered, retrying');
      await this.#backoff.wait(this.#stop.signal);
    }
  }

  #nextBatch(isSingle: boolean): Report[] {
    const batch: Report[] = [];
    let bytes = 0;
    for (const report of this.#queue) {
      if (batch.length > 0 && (isSingle || batch.length >= MAX_REPORT_ITEMS || bytes + report.bytes > MAX_CALL_BYTES)) break;
      batch.push(report);
      bytes += report.bytes;
    }
    return batch;
  }

  async #send(batch: readonly Report[]): Promise<unknown> {
    const { controller, workerId, reserveSlots, onClaimed } = this.#options;
    const reserved = reserveSlots();
    const sentAt = performance.now();
    try {
      const call = { worker_id: workerId(), items: batch.map(({ item }) => item), ...(reserved > 0 ? { claim: { max: reserved } } : {}) };
      const answer = await controller.report(call, this.#stop.signal);
      this.#settle(batch, answer.results);
      onClaimed(answer.jobs, reserved, sentAt);
      return null;
    } catch (error) {
      onClaimed([], reserved, sentAt);
      return error;
    }
  }

  #settle(batch: readonly Report[], results: readonly ReportResult[]): void {
    const sent = new Set(batch);
    this.#queue = this.#queue.filter((report) => !sent.has(report));
    batch.forEach((report, at) =>
      report.settle(results[at] ?? { job_id: report.item.job_id, ok: false, code: 'INTERNAL', message: 'no answer' }),
    );
  }
}
