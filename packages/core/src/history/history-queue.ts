import { newId } from '../ids.ts';
import type { HistoryEntry, HistoryRecorder, Logger } from '../ports/index.ts';
import type { HistoryBatch } from './write-history.ts';

/** A worker's reports of one batch share a row: the fewer batches, the cheaper each report. */
const MAX_BATCH = 4000;
const MAX_PENDING = 50_000;
/** Reports that arrive together are written together. */
const LINGER_MS = 200;
const RETRY_MS = 500;
const LOG_EVERY_MS = 10_000;
/** What a stop waits at most for a table that does not answer. */
const CLOSE_MS = 8000;

export interface HistoryQueueOptions {
  readonly write: (batch: HistoryBatch) => Promise<void>;
  readonly log: Logger;
  readonly now: () => number;
  readonly maxPending?: number;
}

/**
 * Takes rows of accepted reports and writes them behind the caller's back: in batches, each tried twice, never throwing.
 * The queue is bounded; when the table stays broken the oldest rows go first. What is lost is counted and logged.
 */
export class HistoryQueue implements HistoryRecorder {
  readonly #options: HistoryQueueOptions;
  readonly #maxPending: number;
  #pending: HistoryEntry[] = [];
  #head = 0;
  #writing = 0;
  #written = 0;
  #failed = 0;
  #unlogged = 0;
  #loggedAt = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | null = null;
  #hurry = new AbortController();
  #isClosed = false;

  constructor(options: HistoryQueueOptions) {
    this.#options = options;
    this.#maxPending = options.maxPending ?? MAX_PENDING;
  }

  get figures(): { history_written_total: number; history_failed_total: number; history_pending: number } {
    return { history_written_total: this.#written, history_failed_total: this.#failed, history_pending: this.#waiting + this.#writing };
  }

  get #waiting(): number {
    return this.#pending.length - this.#head;
  }

  record(entry: HistoryEntry): void {
    if (this.#isClosed) {
      this.#lose(1, new Error('the server is stopping'));
      return;
    }
    this.#pending.push(entry);
    if (this.#waiting > this.#maxPending) {
      this.#take(1);
      this.#lose(1, new Error('too many rows wait for the table'));
    }
    this.#running ??= this.#run();
  }

  /** Resolves when everything recorded so far is written or given up. */
  async flush(): Promise<void> {
    if (this.#running !== null) this.#hurry.abort();
    while (this.#running !== null) await this.#running;
  }

  /** Writes what waits and takes no more; gives up on a table that does not answer in time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const late = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => late.resolve('late'), CLOSE_MS);
    const ended = await Promise.race([this.flush(), late.promise]);
    clearTimeout(timer);
    if (ended === 'late') this.#lose(this.#take(this.#waiting).length, new Error('the server stopped before the table answered'));
  }

  #take(count: number): HistoryEntry[] {
    const taken = this.#pending.slice(this.#head, this.#head + count);
    this.#head += taken.length;
    if (this.#head === this.#pending.length || this.#head > 4096) {
      this.#pending = this.#pending.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  async #run(): Promise<void> {
    await this.#pause(LINGER_MS);
    while (this.#waiting > 0) {
      const batch = this.#take(MAX_BATCH);
      this.#writing = batch.length;
      await this.#write({ id: newId('wh', this.#options.now()), entries: batch });
      this.#writing = 0;
      if (this.#waiting > 0 && this.#waiting < MAX_BATCH) await this.#pause(LINGER_MS);
    }
    this.#running = null;
    this.#hurry = new AbortController();
  }

  async #write(batch: HistoryBatch): Promise<void> {
    try {
      await this.#options.write(batch).catch(async () => {
        await this.#pause(RETRY_MS);
        await this.#options.write(batch);
      });
      this.#written += batch.entries.length;
    } catch (error) {
      this.#lose(batch.entries.length, error);
    }
  }

  #lose(count: number, error: unknown): void {
    if (count === 0) return;
    this.#failed += count;
    this.#unlogged += count;
    const now = performance.now();
    if (now - this.#loggedAt < LOG_EVERY_MS) return;
    this.#options.log.error(
      { err: error, rows: this.#unlogged, lost_in_total: this.#failed },
      'worker history could not be written; the reports themselves are safe',
    );
    this.#loggedAt = now;
    this.#unlogged = 0;
  }

  /** Waits, unless somebody waits for the queue to be empty. */
  async #pause(ms: number): Promise<void> {
    if (this.#hurry.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      this.#hurry.signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    });
  }
}
