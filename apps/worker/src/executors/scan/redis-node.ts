import { PermanentError, RetryableError } from '@tidemark/sdk';
import { Redis } from 'ioredis';

const CONNECT_MS = 5_000;
const CALL_MS = 15_000;
const MEMORY_SAMPLES = 5;
/** Answers that no later try will change. */
const FOR_GOOD = /^(WRONGPASS|NOAUTH|NOPERM|ERR invalid password|ERR AUTH|ERR DB index|ERR SELECT)/;
/** The key lives on another node now. */
const MOVED = /^(MOVED|ASK|TRYAGAIN)/;

export interface NodeAddress {
  /** Its id in the cluster; `single` without one. */
  name: string;
  host: string;
  port: number;
}

export interface KeyAnswer {
  type: string;
  has_ttl: boolean;
  memory_bytes: number | null;
}

type PipelineResult = [error: Error | null, result: unknown];

/** One connection to one Redis. Every call has a limit; one that hangs closes the connection. */
export class RedisNode {
  readonly #redis: Redis;
  readonly #target: string;
  #lastError: Error | undefined;

  private constructor(redis: Redis, target: string) {
    this.#redis = redis;
    this.#target = target;
    redis.on('error', (error: Error) => (this.#lastError = error));
  }

  /** @throws {RetryableError} when it cannot be reached, {PermanentError} when it refuses the user. */
  static async open(url: string, address?: NodeAddress): Promise<RedisNode> {
    const options = {
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    };
    const place = address === undefined ? url : withPlace(url, address);
    const node = new RedisNode(new Redis(place, options), describeTarget(place));
    try {
      await node.#limited(node.#redis.connect());
      await node.#limited(node.#redis.ping());
    } catch (error) {
      node.close();
      throw error;
    }
    return node;
  }

  close(): void {
    this.#redis.disconnect();
  }

  /** Changes whenever the server starts: its cursors end with it. */
  async runId(): Promise<string> {
    return /run_id:(\S+)/.exec(await this.#limited(this.#redis.info('server')))?.[1] ?? '';
  }

  dbsize(): Promise<number> {
    return this.#limited(this.#redis.dbsize());
  }

  /** The masters of its cluster, or null when it is none. */
  async masters(fallbackHost: string): Promise<NodeAddress[] | null> {
    const info = await this.#limited(this.#redis.info('cluster'));
    if (!info.includes('cluster_enabled:1')) return null;
    const lines = String(await this.#limited(this.#redis.cluster('NODES')))
      .trim()
      .split('\n');
    return lines.flatMap((line) => {
      const [name = '', place = '', flags = '', , , , , , ...slots] = line.split(' ');
      const found = /^(.*):(\d+)@/.exec(place);
      const isServing = flags.split(',').includes('master') && slots.length > 0;
      return isServing && found ? [{ name, host: found[1] || fallbackHost, port: Number(found[2]) }] : [];
    });
  }

  async scan(cursor: string, { match, count }: { match: string; count: number }): Promise<{ cursor: string; keys: Buffer[] }> {
    const call =
      match === '*' ? this.#redis.scanBuffer(cursor, 'COUNT', count) : this.#redis.scanBuffer(cursor, 'MATCH', match, 'COUNT', count);
    const [next, keys] = await this.#limited(call);
    return { cursor: next.toString(), keys };
  }

  /** In the order of `keys`; null for one that is gone. */
  async describe(keys: readonly { key: Buffer; is_sampled: boolean }[]): Promise<(KeyAnswer | null)[]> {
    const pipeline = this.#redis.pipeline();
    for (const { key, is_sampled } of keys) {
      pipeline.type(key).pttl(key);
      if (is_sampled) pipeline.memory('USAGE', key, 'SAMPLES', MEMORY_SAMPLES);
    }
    const results = ((await this.#limited(pipeline.exec())) ?? []) as PipelineResult[];
    let at = 0;
    return keys.map(({ is_sampled }) => {
      const type = this.#result(results[at++]);
      const ttl = this.#result(results[at++]);
      const bytes = is_sampled ? this.#result(results[at++]) : null;
      if (typeof type !== 'string' || type === 'none' || typeof ttl !== 'number' || ttl === -2) return null;
      return { type, has_ttl: ttl >= 0, memory_bytes: typeof bytes === 'number' ? bytes : null };
    });
  }

  #result(answer: PipelineResult | undefined): unknown {
    if (answer === undefined) return null;
    const [error, result] = answer;
    if (error === null || MOVED.test(error.message)) return error === null ? result : null;
    throw this.#explain(error);
  }

  async #limited<Result>(call: Promise<Result>): Promise<Result> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer in ${CALL_MS} ms`));
        this.close();
      }, CALL_MS);
    });
    try {
      return await Promise.race([call, late]);
    } catch (error) {
      throw this.#explain(error instanceof Error ? error : new Error(String(error)));
    } finally {
      clearTimeout(timer);
    }
  }

  /** A closed connection says nothing about why: the error before it does. */
  #explain(error: Error): Error {
    if (error instanceof PermanentError || error instanceof RetryableError) return error;
    const isVague = /Connection is closed|Stream isn't writeable/.test(error.message);
    const message = (isVague ? this.#lastError?.message : undefined) || error.message;
    if (FOR_GOOD.test(message)) return new PermanentError(`Redis at ${this.#target} refused: ${message}`, { cause: error });
    return new RetryableError(`Redis at ${this.#target} does not answer: ${message}`, { cause: error });
  }
}

/** The same user and encryption at another address. */
function withPlace(url: string, { host, port }: NodeAddress): string {
  const place = new URL(url);
  place.hostname = host.includes(':') ? `[${host}]` : host;
  place.port = String(port);
  return place.href;
}

/** Host, port and database; never the password. */
export function describeTarget(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || 6379}${pathname.length > 1 ? pathname : '/0'}`;
}
