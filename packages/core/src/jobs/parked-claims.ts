import type { LeasedRow, ParkedClaim, ParkedClaims, Reservation } from '../ports/index.ts';

type Outcome = 'over' | 'look' | LeasedRow;

interface Parked {
  readonly worker: string;
  readonly lanes: ReadonlySet<number>;
  /** Lanes whose new work may be leased to it at creation. */
  offered: ReadonlySet<number>;
  settle(outcome: Outcome): boolean;
}

const NONE: ReadonlySet<number> = new Set();

/** Agents in a long poll. Waking is only a hint: whoever is woken claims, and may lose. */
export class ParkedAgents implements ParkedClaims {
  readonly #parked = new Set<Parked>();
  readonly #onLost: (row: LeasedRow) => void;
  #isClosed = false;

  /** `onLost` gets what was leased to a poll that had ended by then. */
  constructor(onLost: (row: LeasedRow) => void) {
    this.#onLost = onLost;
  }

  get count(): number {
    return this.#parked.size;
  }

  park(claim: { worker: string; lanes: readonly number[] }, ms: number, signal: AbortSignal | undefined): ParkedClaim {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    let isSettled = false;
    const settle = (outcome: Outcome): boolean => {
      if (isSettled) return false;
      isSettled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      this.#parked.delete(entry);
      resolve(outcome);
      return true;
    };
    const cancel = (): void => void settle('over');
    const timer = setTimeout(cancel, ms);
    const entry: Parked = { worker: claim.worker, lanes: new Set(claim.lanes), offered: NONE, settle };
    this.#parked.add(entry);
    if (this.#isClosed || signal?.aborted === true) cancel();
    else signal?.addEventListener('abort', cancel);
    return {
      outcome: promise,
      offer: (lanes) => {
        entry.offered = new Set(lanes);
      },
      cancel,
    };
  }

  reserve(lane: number): Reservation | null {
    for (const entry of this.#parked) {
      if (!entry.offered.has(lane)) continue;
      // No second promise to the same poll; its end stays possible, and `deliver` finds out.
      this.#parked.delete(entry);
      return {
        worker: entry.worker,
        deliver: (row) => {
          if (!entry.settle(row)) this.#onLost(row);
        },
        giveBack: () => void entry.settle('look'),
      };
    }
    return null;
  }

  /** Ends every wait, now and from now on: the server is going away. */
  close(): void {
    this.#isClosed = true;
    for (const entry of this.#parked) entry.settle('over');
  }

  wake(lanes: readonly number[] | '*'): void {
    for (const entry of this.#parked) {
      if (lanes === '*' || lanes.some((lane) => entry.lanes.has(lane))) entry.settle('look');
    }
  }

  wakeWorker(workerId: string): void {
    for (const entry of this.#parked) if (entry.worker === workerId) entry.settle('look');
  }
}
