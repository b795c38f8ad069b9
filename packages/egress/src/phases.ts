import { EgressError } from './errors.ts';

/** Whole milliseconds per phase, summed over redirects. */
export interface Phases {
  dns_ms: number;
  connect_ms: number;
  tls_ms: number;
  ttfb_ms: number;
  download_ms: number;
}
export type Phase = keyof Phases;

/** What one phase may take at most, whatever the whole may take. */
const LIMITS_MS: Phases = { dns_ms: 10_000, connect_ms: 15_000, tls_ms: 15_000, ttfb_ms: 120_000, download_ms: 120_000 };

const WORDS: Record<Phase, string> = {
  dns_ms: 'looking up the name',
  connect_ms: 'connecting',
  tls_ms: 'the TLS handshake',
  ttfb_ms: 'waiting for the first byte',
  download_ms: 'reading the body',
};

/** Times the phases of one exchange and ends it when a phase, the whole, or the caller's patience is over. */
export class Stopwatch {
  readonly #spent: Phases = { dns_ms: 0, connect_ms: 0, tls_ms: 0, ttfb_ms: 0, download_ms: 0 };
  readonly #started = performance.now();
  readonly #total_ms: number;
  readonly #caller: AbortSignal | undefined;

  constructor(total_ms: number, caller?: AbortSignal) {
    this.#total_ms = total_ms;
    this.#caller = caller;
  }

  get duration_ms(): number {
    return Math.round(performance.now() - this.#started);
  }

  get phases(): Phases {
    const rounded = Object.entries(this.#spent).map(([phase, ms]) => [phase, Math.round(ms)]);
    return Object.fromEntries(rounded) as Phases;
  }

  /** Runs the work of one phase. Its signal is aborted when the time is over, and what it returns too late is lost. */
  async run<T>(phase: Phase, host: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const begun = performance.now();
    const left_ms = this.#total_ms - (begun - this.#started);
    const isTotal = left_ms <= LIMITS_MS[phase];
    const limit_ms = isTotal ? this.#total_ms : LIMITS_MS[phase];
    const stopper = new AbortController();
    const timeout = (): void => stopper.abort(new EgressError('timeout', `${host} took more than ${limit_ms} ms (${WORDS[phase]})`));
    const giveUp = (): void => stopper.abort(new EgressError('aborted', `the request to ${host} was given up`));
    const timer = setTimeout(timeout, Math.max(0, isTotal ? left_ms : limit_ms));
    this.#caller?.addEventListener('abort', giveUp, { once: true });
    if (this.#caller?.aborted === true) giveUp();
    try {
      return await Promise.race([rejectionOf(stopper.signal), work(stopper.signal)]);
    } catch (error) {
      // Work that noticed the abort first has its own words for it.
      throw stopper.signal.aborted ? stopper.signal.reason : error;
    } finally {
      clearTimeout(timer);
      this.#caller?.removeEventListener('abort', giveUp);
      this.#spent[phase] += performance.now() - begun;
    }
  }
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(signal.reason as EgressError);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
