import { RetryableError } from '@tidemark/sdk';
import { setTimeout as delay } from 'node:timers/promises';
import { type NodeAddress, RedisNode } from './redis-node.ts';

const MAX_TRIES = 6;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

interface Surroundings {
  url: string;
  signal: AbortSignal;
  log(text: string): void;
}

/** The masters of one Redis, and a connection to the one in hand that is opened again when it breaks. */
export class Keyspace {
  readonly #surroundings: Surroundings;
  readonly #addresses = new Map<string, NodeAddress | undefined>();
  #node: { name: string; redis: RedisNode } | null = null;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Their names and the sum of their DBSIZE. A Redis without cluster is one master, `single`. */
  async survey(): Promise<{ names: string[]; dbsize: number }> {
    const { url } = this.#surroundings;
    const masters = await this.#persist(async () => {
      const redis = await RedisNode.open(url);
      try {
        return await redis.masters(new URL(url).hostname);
      } finally {
        redis.close();
      }
    });
    this.#addresses.clear();
    if (masters === null) this.#addresses.set('single', undefined);
    else for (const master of masters) this.#addresses.set(master.name, master);
    let dbsize = 0;
    for (const name of this.#addresses.keys()) dbsize += await this.use(name, (redis) => redis.dbsize());
    return { names: [...this.#addresses.keys()], dbsize };
  }

  /** Calls with a connection to that master; when it breaks, pauses that grow and a new connection, for a bounded time. */
  use<Result>(name: string, call: (redis: RedisNode) => Promise<Result>): Promise<Result> {
    return this.#persist(async () => {
      try {
        return await call(await this.#connect(name));
      } catch (error) {
        this.close();
        throw error;
      }
    });
  }

  close(): void {
    this.#node?.redis.close();
    this.#node = null;
  }

  async #connect(name: string): Promise<RedisNode> {
    if (this.#node?.name === name) return this.#node.redis;
    this.close();
    const redis = await RedisNode.open(this.#surroundings.url, this.#addresses.get(name));
    this.#node = { name, redis };
    return redis;
  }

  async #persist<Result>(work: () => Promise<Result>): Promise<Result> {
    const { signal, log } = this.#surroundings;
    for (let tries = 1; ; tries += 1) {
      signal.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof RetryableError) || tries >= MAX_TRIES) throw error;
        if (tries === 1) log(`${error.message}; trying again`);
      }
      await delay(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1)), undefined, { signal });
    }
  }
}
