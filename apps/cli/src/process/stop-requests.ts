import { PARENT_VARIABLE } from './parent-variable.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const PARENT_CHECK_MS = 500;

/**
 * Calls `onRequest` for each request to stop: Ctrl-C, a stop signal, a closed terminal, and once when npm that started this one is
 * gone (it ends without telling its children). Any other starter may go: `tidemark up` in the background outlives the script that began it.
 * Dispose it to stop listening.
 */
export class StopRequests implements Disposable {
  readonly #listener: () => void;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(onRequest: () => void) {
    this.#listener = onRequest;
    for (const name of SIGNALS) process.on(name, this.#listener);
    if (process.env['npm_lifecycle_event'] === undefined && process.env[PARENT_VARIABLE] === undefined) return;
    const parent = process.ppid;
    this.#timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(this.#timer);
      onRequest();
    }, PARENT_CHECK_MS);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const name of SIGNALS) process.off(name, this.#listener);
  }
}
