import { constants } from 'node:os';
import { EXIT } from './exit-code.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Aborts `signal` on the first Ctrl-C or stop request; a second one ends the process as usual. Dispose it to stop listening. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listener: (name: NodeJS.Signals) => void;
  exitCode: number = EXIT.interrupted;

  constructor() {
    this.#listener = (name) => {
      this.exitCode = 128 + constants.signals[name];
      this[Symbol.dispose]();
      this.#controller.abort();
    };
    for (const name of SIGNALS) process.on(name, this.#listener);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const name of SIGNALS) process.off(name, this.#listener);
  }
}
