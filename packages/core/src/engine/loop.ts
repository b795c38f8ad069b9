import type { Logger } from '../ports/index.ts';

/** A task that runs again and again, never twice at once, and logs instead of failing. */
export class Loop {
  readonly #name: string;
  readonly #log: Logger;
  readonly #run: () => Promise<number>;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #isStopped = true;
  #isAskedAgain = false;

  /** `run` answers after how many milliseconds it wants to run again. */
  constructor(name: string, log: Logger, run: () => Promise<number>) {
    this.#name = name;
    this.#log = log;
    this.#run = run;
  }

  /** Begins, with a run right now or after a while. */
  start(afterMs = 0): void {
    this.#isStopped = false;
    if (afterMs === 0) this.nudge();
    else this.#timer = setTimeout(() => this.nudge(), afterMs).unref();
  }

  /** Runs now, or once more right after the run under way; nothing before `start` or after `stop`. */
  nudge(): void {
    if (this.#isStopped) return;
    if (this.#running !== null) {
      this.#isAskedAgain = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#running = this.#once();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #once(): Promise<void> {
    let next = 5000;
    try {
      next = await this.#run();
    } catch (error) {
      if (!this.#isStopped) this.#log.error({ err: error, loop: this.#name }, `${this.#name} failed; it will be tried again`);
    }
    this.#running = null;
    if (this.#isStopped) return;
    if (this.#isAskedAgain) {
      this.#isAskedAgain = false;
      this.nudge();
      return;
    }
    this.#timer = setTimeout(() => this.nudge(), Math.max(1, next));
    this.#timer.unref();
  }
}
