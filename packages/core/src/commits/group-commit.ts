import { AppError } from '../errors.ts';
import type { Commits, GroupKind, Writer } from '../ports/index.ts';

interface Waiting {
  readonly item: unknown;
  readonly rows: number;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

interface Queue {
  readonly kind: GroupKind<unknown, unknown>;
  readonly waiting: Waiting[];
  rows: number;
}

/** Below this many rows a part is not worth a statement of its own: the fixed cost of one would dominate. */
const ROWS_WORTH_SPLITTING = 128;

export interface GroupCommitOptions {
  readonly writers: readonly Writer[];
  /** Rows waiting per kind before callers are told UNAVAILABLE. */
  readonly maxWaitingRows?: number;
}

/**
 * Group commit without a timer. A call flushes at once when a writer is free; while none is, calls of its kind collect
 * and go together. Callers hear back only after the commit. A failing flush is replayed one by one, so that only the
 * culprit fails; a lost connection is not replayed, since nobody knows whether it committed.
 *
 * **Source:** the prototypes measured for this design: 7–11 times statement per call; fixed windows lose 2–4 times.
 */
export class GroupCommit implements Commits {
  readonly #free: Writer[];
  readonly #writerCount: number;
  readonly #queues = new Map<string, Queue>();
  readonly #maxWaitingRows: number;
  #isScheduled = false;
  #flushes = 0;
  #flushedRows = 0;

  constructor(options: GroupCommitOptions) {
    this.#free = [...options.writers];
    this.#writerCount = options.writers.length;
    this.#maxWaitingRows = options.maxWaitingRows ?? 20_000;
  }

  /** Number of flushes and rows so far, and of rows waiting now. */
  get figures(): { flushes: number; rows: number; waiting: number; busy_writers: number } {
    let waiting = 0;
    for (const queue of this.#queues.values()) waiting += queue.rows;
    return { flushes: this.#flushes, rows: this.#flushedRows, waiting, busy_writers: this.#writerCount - this.#free.length };
  }

  /**
   * Adds one item to the next flush of its kind.
   * @throws {AppError} UNAVAILABLE when too much waits, or whatever refusal the write answers for this item.
   */
  submit<Item, Result>(kind: GroupKind<Item, Result>, item: Item): Promise<Result> {
    const queue = this.#queueOf(kind);
    const rows = kind.rows(item);
    if (queue.rows + rows > this.#maxWaitingRows && queue.rows > 0) {
      return Promise.reject(
        new AppError('UNAVAILABLE', 'The server is writing as fast as it can; try again shortly.', { data: { retry_after_ms: 1000 } }),
      );
    }
    return new Promise<Result>((resolve, reject) => {
      queue.waiting.push({ item, rows, resolve, reject });
      queue.rows += rows;
      this.#schedule();
    });
  }

  /** Resolves when nothing waits and no flush is under way. */
  async drain(): Promise<void> {
    while (this.figures.waiting > 0 || this.#free.length < this.#writerCount) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  #queueOf<Item, Result>(kind: GroupKind<Item, Result>): Queue {
    const known = this.#queues.get(kind.name);
    if (known !== undefined) return known;
    const queue: Queue = { kind, waiting: [], rows: 0 };
    this.#queues.set(kind.name, queue);
    return queue;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#free.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flushWaiting();
    });
  }

  /** Hands the fullest queue to each free writer, splitting it only when every part is worth a statement. */
  #flushWaiting(): void {
    while (this.#free.length > 0) {
      const queue = this.#fullestQueue();
      if (queue === undefined) return;
      const parts = Math.max(1, Math.min(this.#free.length, Math.floor(queue.rows / ROWS_WORTH_SPLITTING)));
      const batch = this.#take(queue, Math.min(queue.kind.maxRows, Math.ceil(queue.rows / parts)));
      const writer = this.#free.pop();
      if (writer === undefined) return;
      void this.#flush(queue.kind, writer, batch);
    }
  }

  #fullestQueue(): Queue | undefined {
    let fullest: Queue | undefined;
    for (const queue of this.#queues.values()) {
      if (queue.waiting.length > 0 && (fullest === undefined || queue.rows > fullest.rows)) fullest = queue;
    }
    return fullest;
  }

  #take(queue: Queue, maxRows: number): Waiting[] {
    let rows = 0;
    let count = 0;
    for (const entry of queue.waiting) {
      if (count > 0 && rows + entry.rows > maxRows) break;
      rows += entry.rows;
      count += 1;
    }
    queue.rows -= rows;
    return queue.waiting.splice(0, count);
  }

  async #flush(kind: GroupKind<unknown, unknown>, writer: Writer, batch: readonly Waiting[]): Promise<void> {
    this.#flushes += 1;
    for (const entry of batch) this.#flushedRows += entry.rows;
    try {
      await settle(kind, writer, batch);
    } finally {
      this.#free.push(writer);
      this.#schedule();
    }
  }
}

async function settle(kind: GroupKind<unknown, unknown>, writer: Writer, batch: readonly Waiting[]): Promise<void> {
  try {
    const results = await kind.write(
      writer,
      batch.map((entry) => entry.item),
    );
    batch.forEach((entry, index) => {
      const result = results[index];
      if (result instanceof AppError) entry.reject(result);
      else entry.resolve(result);
    });
  } catch (error) {
    const isLost = error instanceof AppError && error.code === 'UNAVAILABLE';
    if (batch.length === 1 || isLost) {
      for (const entry of batch) entry.reject(error);
      return;
    }
    for (const entry of batch) await settle(kind, writer, [entry]);
  }
}
