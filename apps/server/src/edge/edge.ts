import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import type { Actor, NetworkControl } from '@tidemark/api/server';
import { AppError } from '@tidemark/core/errors';
import { readNetwork } from '@tidemark/core/network';
import type { CoreContext, RateClass, RateLimiter } from '@tidemark/core/ports';
import { callerOf } from './caller.ts';
import type { Caller, Surroundings } from './caller.ts';
import { Held } from './held.ts';
import { compileNetworks } from './networks.ts';
import type { Networks } from './networks.ts';

/** When to look again for room: streams end when their readers do. */
const STREAMS_RETRY_SECONDS = 5;
/** How long the lists of administrators are believed: what another server changed shows within it. */
const BELIEVED_MS = 1000;

export interface EdgeParts extends Surroundings {
  readonly core: CoreContext;
  readonly network_allow: readonly string[];
  readonly cors_origins: readonly string[];
  /** Null: nothing is counted. */
  readonly limiter: RateLimiter | null;
  /** Live streams and waiting calls of one key or person. */
  readonly max_streams_per_caller: number;
}

/** An IPv6 customer owns a /64 at least, so that is what is counted. */
function countedAddress(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const filled = tail === undefined ? groups : [...groups, ...Array<string>(Math.max(0, 4 - groups.length)).fill('0')];
  return filled.slice(0, 4).join(':');
}

/** Who may call at all, from where, and how often: what is decided before anybody is asked for a key. */
export class Edge {
  readonly #parts: EdgeParts;
  readonly #control: NetworkControl;
  readonly #streams: Held;
  #networks: Networks;
  #origins: ReadonlySet<string>;
  #readAt = 0;
  #isReading = false;
  /** Counts the reads that began: an earlier one that ends later is not news. */
  #reads = 0;

  private constructor(parts: EdgeParts) {
    this.#parts = parts;
    this.#streams = new Held(parts.max_streams_per_caller);
    this.#networks = compileNetworks(parts.network_allow);
    this.#origins = new Set(parts.cors_origins);
    this.#control = {
      allow_at_start: parts.network_allow,
      cors_origins_at_start: parts.cors_origins,
      wouldAllow: (address, allow) => {
        const networks = compileNetworks([...parts.network_allow, ...allow]);
        return networks.size === 0 || networks.has(address);
      },
      // Whoever changed them may count on them from the answer on; without a database the old ones hold for a moment.
      changed: () => this.#read().catch(() => undefined),
    };
  }

  /** Knows the settings before the first call comes. */
  static async open(parts: EdgeParts): Promise<Edge> {
    const edge = new Edge(parts);
    await edge.#read();
    return edge;
  }

  close(): void {
    this.#parts.limiter?.close();
  }

  callerOf(incoming: IncomingMessage): Caller {
    return callerOf(incoming, this.#parts);
  }

  /** Null when the address may call. */
  networkProblem({ address }: Caller): AppError | null {
    this.#refresh();
    if (this.#networks.size === 0 || this.#networks.has(address)) return null;
    return new AppError('FORBIDDEN', `This server does not answer to ${address}. An administrator can add it to the network allow-list.`);
  }

  /** Whether pages of this origin may read answers. */
  isReader(origin: string): boolean {
    return this.#origins.has(origin);
  }

  /** How calls of this actor are counted; null for an open server, which only this machine can reach. */
  limitOf(actor: Actor, caller: Caller, outgoing: ServerResponse): ((rateClass: RateClass) => Promise<void>) | null {
    const { limiter } = this.#parts;
    if (limiter === null || actor.kind === 'open') return null;
    const name = actor.id ?? countedAddress(caller.address);
    return async (rateClass) => {
      const state = await limiter.take(rateClass, rateClass === 'auth' ? countedAddress(caller.address) : name);
      const seconds = Math.ceil(state.reset_ms / 1000);
      if (!outgoing.headersSent) {
        outgoing.setHeader('ratelimit-limit', state.limit);
        outgoing.setHeader('ratelimit-remaining', state.remaining);
        outgoing.setHeader('ratelimit-reset', seconds);
      }
      if (state.is_over) throw tooMany(rateClass, state.limit, seconds);
    };
  }

  /**
   * Counts what one key or person keeps open on this server: live streams and calls that wait. Given back when the answer ends.
   * @throws {AppError} RATE_LIMITED above `MAX_STREAMS_PER_CALLER`
   */
  holdOpen(actor: Actor, caller: Caller, outgoing: ServerResponse): void {
    if (actor.kind === 'open' || outgoing.closed) return;
    const holder = actor.id ?? countedAddress(caller.address);
    if (!this.#streams.take(holder)) throw tooManyStreams(this.#parts.max_streams_per_caller);
    outgoing.once('close', () => this.#streams.release(holder));
  }

  /** Counts a credential that was not known. @throws {AppError} RATE_LIMITED after too many from one address */
  async countGuess(caller: Caller): Promise<void> {
    const state = await this.#parts.limiter?.take('auth', countedAddress(caller.address));
    if (state?.is_over === true) throw tooMany('auth', state.limit, Math.ceil(state.reset_ms / 1000));
  }

  /** What routers may know and decide. */
  get control(): NetworkControl {
    return this.#control;
  }

  #refresh(): void {
    if (this.#isReading || performance.now() - this.#readAt < BELIEVED_MS) return;
    // A database that is away for a moment changes nothing about who may come in.
    this.#read().catch(() => undefined);
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    const read = (this.#reads += 1);
    try {
      const { network_allow: allowed, cors_origins: origins, core } = this.#parts;
      const settings = await readNetwork(core);
      if (read !== this.#reads) return;
      this.#networks = compileNetworks([...allowed, ...settings.allow]);
      this.#origins = new Set([...origins, ...settings.cors_origins]);
    } finally {
      this.#readAt = performance.now();
      this.#isReading = false;
    }
  }
}

function tooManyStreams(limit: number): AppError {
  const message = `${limit} live streams and waiting calls are open for this key or person, which is the limit (MAX_STREAMS_PER_CALLER). Close some first.`;
  return new AppError('RATE_LIMITED', message, { data: { retry_after_seconds: STREAMS_RETRY_SECONDS, reason: 'streams', limit } });
}

function tooMany(rateClass: RateClass, limit: number, seconds: number): AppError {
  return new AppError('RATE_LIMITED', `More than ${limit} calls of the class "${rateClass}" in a minute. Try again in ${seconds} s.`, {
    data: { retry_after_seconds: Math.max(1, seconds), rate_class: rateClass, limit },
  });
}
