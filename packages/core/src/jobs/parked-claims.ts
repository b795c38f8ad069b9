import type { ParkedClaims } from '../ports/index.ts';

interface Parked {
  readonly lanes: ReadonlySet<number>;
  wake(mayHaveWork: boolean): void;
}

/** Agents in a long poll. Waking is only a hint: whoever is woken claims, and may lose. */
export class ParkedAgents implements ParkedClaims {
  readonly #parked = new Set<Parked>();
  #isClosed = false;

  get count(): number {
    return this.#parked.size;
  }

  wait(lanes: readonly number[], ms: number, signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (mayHaveWork: boolean): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#parked.delete(entry);
        resolve(mayHaveWork);
      };
      const onAbort = (): void => done(false);
      const entry: Parked = { lanes: new Set(lanes), wake: done };
      const timer = setTimeout(() => done(false), ms);
      this.#parked.add(entry);
      if (this.#isClosed || signal?.aborted === true) done(false);
      else signal?.addEventListener('abort', onAbort);
    });
  }

  /** Ends every wait, now and from now on: the server is going away. */
  close(): void {
    this.#isClosed = true;
    for (const entry of this.#parked) entry.wake(false);
  }

  wake(lanes: readonly number[] | '*'): void {
    for (const entry of this.#parked) {
      if (lanes === '*' || lanes.some((lane) => entry.lanes.has(lane))) entry.wake(true);
    }
  }
}
