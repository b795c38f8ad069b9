import { setTimeout as delay } from 'node:timers/promises';

const BASE_MS = 100;

/** Growing pauses with full jitter, so that agents of a fleet do not come back at the same moment. */
export class Backoff {
  readonly #capMs: number;
  #failures = 0;

  constructor(capMs: number) {
    this.#capMs = capMs;
  }

  get failures(): number {
    return this.#failures;
  }

  reset(): void {
    this.#failures = 0;
  }

  /** Waits; returns at once, without an error, when `signal` aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    this.#failures += 1;
    const longest = Math.min(this.#capMs, BASE_MS * 2 ** Math.min(20, this.#failures));
    await delay(BASE_MS / 2 + Math.random() * longest, undefined, { signal }).catch(() => undefined);
  }
}

const LONGEST_TIMER_MS = 2 ** 30;

/** A timer for any length; timers of the platform fire at once beyond 24 days. Returns what stops it. */
export function startTimer(ms: number, run: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (leftMs: number): void => {
    timer = setTimeout(() => (leftMs > LONGEST_TIMER_MS ? arm(leftMs - LONGEST_TIMER_MS) : run()), Math.min(leftMs, LONGEST_TIMER_MS));
  };
  arm(Math.max(0, ms));
  return () => clearTimeout(timer);
}
