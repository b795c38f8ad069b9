import { setTimeout as delay } from 'node:timers/promises';

/** Time that was not used is not saved up beyond this. */
const CREDIT_MS = 100;
const MS_PER_SECOND = 1000;

/** A token bucket: `spend` resolves when that many keys fit under the rate. */
export class Pace {
  readonly #msPerKey: number;
  #nextAt = performance.now();

  constructor(keysPerSecond: number | undefined) {
    this.#msPerKey = keysPerSecond === undefined ? 0 : MS_PER_SECOND / keysPerSecond;
  }

  /** @throws the reason of `signal` when it aborts. */
  async spend(keys: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#msPerKey === 0) return;
    const now = performance.now();
    const start = Math.max(this.#nextAt, now - CREDIT_MS);
    this.#nextAt = start + keys * this.#msPerKey;
    if (start > now) await delay(start - now, undefined, { signal });
  }
}
