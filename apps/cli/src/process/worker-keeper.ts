import { setTimeout as delay } from 'node:timers/promises';
import { formatDuration } from '../duration.ts';
import { Child } from './child.ts';

const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 30_000;
/** A worker that lived this long was well: the next restart is quick again. */
const HEALTHY_MS = 60_000;

export interface KeeperOptions {
  env: Readonly<Record<string, string>>;
  args: readonly string[];
  /** Told whenever the worker ends by itself. */
  say: (text: string) => Promise<void>;
  firstDelayMs?: number;
}

/** Keeps one worker running: one that dies is started again, with a growing delay and never without a word. */
export class WorkerKeeper {
  readonly #options: KeeperOptions;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #child: Child;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#child = this.#start();
    this.#done = this.#keep();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Lets the worker drain; calling it again while it does asks it to hand its jobs back now. */
  async stop(graceMs: number): Promise<void> {
    const isFirst = !this.#stopping.signal.aborted;
    this.#stopping.abort();
    if (isFirst) await this.#child.stop(graceMs);
    else this.#child.signal('SIGTERM');
    await this.#done;
  }

  #start(): Child {
    return new Child('worker', { args: this.#options.args, env: this.#options.env, output: 'stderr' });
  }

  async #keep(): Promise<void> {
    let wait = this.#options.firstDelayMs ?? FIRST_DELAY_MS;
    for (;;) {
      const startedAt = performance.now();
      const end = await this.#child.ended;
      if (this.#stopping.signal.aborted) return;
      if (end.exitCode === 0) {
        await this.#options.say(
          'The worker ended by itself without an error, so it is not started again. Start one with "tidemark worker".',
        );
        return;
      }
      if (performance.now() - startedAt >= HEALTHY_MS) wait = this.#options.firstDelayMs ?? FIRST_DELAY_MS;
      await this.#options.say(`The worker ended ${end.text}; starting it again in ${formatDuration(wait)}.`);
      try {
        await delay(wait, undefined, { signal: this.#stopping.signal });
      } catch {
        return;
      }
      wait = Math.min(MAX_DELAY_MS, wait * 2);
      this.#child = this.#start();
    }
  }
}
