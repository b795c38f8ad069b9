import { availableParallelism } from 'node:os';

/** A browser wants a processor and much memory: only so many run at a time, the others wait in order. */
export class BrowserSlots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number = availableParallelism()) {
    this.#free = count;
  }

  /** Resolves with the way to give the slot back; at once with nothing to give back when the signal is aborted first. */
  async take(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) return () => undefined;
    if (this.#free === 0) {
      const isTaken = await this.#wait(signal);
      if (!isTaken) return () => undefined;
    } else this.#free -= 1;
    return () => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    };
  }

  #wait(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const start = (): void => {
        signal.removeEventListener('abort', leave);
        resolve(true);
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(start), 1);
        resolve(false);
      };
      this.#waiting.push(start);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}
