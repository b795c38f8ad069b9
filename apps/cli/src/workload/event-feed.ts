import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@tidemark/api/client';
import type { StreamEvent } from '@tidemark/core/events/contract';

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 5000;

export type FeedStep = { kind: 'event'; event: StreamEvent } | { kind: 'ended' } | { kind: 'failed'; error: unknown } | { kind: 'quiet' };

/** The live events of one workload as a queue to take from. Every event is handed out once, whatever the connection does. */
export class EventFeed implements Disposable {
  readonly #client: Client;
  readonly #id: string;
  readonly #steps: FeedStep[] = [];
  readonly #arrivals = new EventTarget();
  readonly #closed = new AbortController();
  #subscription: { unsubscribe: () => void } | null = null;
  #lastId: string | null = null;
  #delayMs = FIRST_DELAY_MS;
  isConnected = false;

  constructor(client: Client, id: string) {
    this.#client = client;
    this.#id = id;
    this.#open();
  }

  /** The next step, or `quiet` when none came within `timeoutMs`. Rejects when `signal` aborts. */
  async next(timeoutMs: number, signal: AbortSignal): Promise<FeedStep> {
    const ready = this.#steps.shift();
    if (ready !== undefined) return ready;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      await once(this.#arrivals, 'step', { signal: AbortSignal.any([timeout, signal]) });
    } catch (error) {
      signal.throwIfAborted();
      if (!timeout.aborted) throw error;
    }
    return this.#steps.shift() ?? { kind: 'quiet' };
  }

  /** Subscribes again, after the last event that was received, with a growing delay between attempts. */
  reopen(): void {
    this.#subscription?.unsubscribe();
    const wait = this.#delayMs;
    this.#delayMs = Math.min(MAX_DELAY_MS, wait * 2);
    delay(wait, undefined, { signal: this.#closed.signal }).then(
      () => this.#open(),
      () => undefined,
    );
  }

  [Symbol.dispose](): void {
    this.#closed.abort();
    this.#subscription?.unsubscribe();
  }

  #open(): void {
    let isOver = false;
    const end = (step: FeedStep): void => {
      if (isOver) return;
      isOver = true;
      this.isConnected = false;
      this.#push(step);
    };
    this.#subscription = this.#client.workloads.live.subscribe(
      { id: this.#id, lastEventId: this.#lastId },
      {
        onData: ({ data }) => {
          if (!isOver) this.#receive(data);
        },
        onError: (error) => end({ kind: 'failed', error }),
        onComplete: () => end({ kind: 'ended' }),
        onConnectionStateChange: ({ state }) => {
          this.isConnected = state === 'pending';
        },
      },
    );
  }

  #receive(event: StreamEvent): void {
    this.#delayMs = FIRST_DELAY_MS;
    if (!isNewer(event.id, this.#lastId)) return;
    this.#lastId = event.id;
    this.#push({ kind: 'event', event });
  }

  #push(step: FeedStep): void {
    this.#steps.push(step);
    this.#arrivals.dispatchEvent(new Event('step'));
  }
}

/** Positions grow within an epoch; another epoch is another log, read from its start. */
export function isNewer(id: string, last: string | null): boolean {
  if (last === null) return true;
  const [epoch, position] = id.split('.');
  const [lastEpoch, lastPosition] = last.split('.');
  if (epoch !== lastEpoch) return true;
  return BigInt(position ?? '0') > BigInt(lastPosition ?? '0');
}
