import { createHash } from 'node:crypto';
import { Cluster, Redis } from 'ioredis';
import { AppError } from '../../errors.ts';
import type { Logger } from '../../ports/context.ts';

const CONNECT_TIMEOUT_MS = 3000;
const COMMAND_TIMEOUT_MS = 2000;
const MAX_RETRY_MS = 1000;
const PROBE_MS = 250;

/** A Lua script; its keys must lie in one slot. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

export function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

type Argument = string | number;

/** Redis refuses a command; everything else that fails is Redis out of reach. */
function isRefusal(error: unknown): error is Error {
  return (
    error instanceof Error && error.name === 'ReplyError' && !/^(LOADING|CLUSTERDOWN|TRYAGAIN|MASTERDOWN|READONLY|OOM)/.test(error.message)
  );
}

function unavailable(cause: unknown): AppError {
  return new AppError('UNAVAILABLE', 'Redis, which keeps the history of monitors, is out of reach. It will be tried again.', {
    cause,
    data: { retry_after_seconds: 2 },
  });
}

const options = {
  lazyConnect: true,
  connectTimeout: CONNECT_TIMEOUT_MS,
  commandTimeout: COMMAND_TIMEOUT_MS,
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
  retryStrategy: (times: number) => Math.min(times * 50, MAX_RETRY_MS),
};

async function isCluster(client: Redis): Promise<boolean> {
  return (await client.info('cluster')).includes('cluster_enabled:1');
}

function clusterOf(url: string): Cluster {
  const { hostname, port, username, password, protocol } = new URL(url);
  return new Cluster([{ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port === '' ? 6379 : port) }], {
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: options.retryStrategy,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    redisOptions: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' ? { tls: {} } : {}),
    },
  });
}

/**
 * A connection to one Redis or a Redis Cluster that fails instead of waiting: a command takes two seconds at most, and after one that
 * took longer every call is refused at once until Redis answers again.
 */
export class RedisConnection {
  readonly is_cluster: boolean;
  readonly #client: Redis | Cluster;
  #probe: NodeJS.Timeout | null = null;

  private constructor(client: Redis | Cluster, log: Logger) {
    this.#client = client;
    this.is_cluster = client instanceof Cluster;
    client.on('error', (error: Error) => log.warn({ err: error }, 'Redis, which keeps the history of monitors, is out of reach'));
  }

  /** @throws {AppError} UNAVAILABLE when Redis does not answer; later losses are retried for ever. */
  static async open(url: string, log: Logger): Promise<RedisConnection> {
    const first = new Redis(url, options);
    first.on('error', () => undefined);
    try {
      await first.connect();
      if (!(await isCluster(first))) {
        first.removeAllListeners('error');
        return new RedisConnection(first, log);
      }
      first.disconnect();
      const connection = new RedisConnection(clusterOf(url), log);
      await connection.#client.connect();
      return connection;
    } catch (error) {
      first.disconnect();
      throw new AppError('UNAVAILABLE', 'Redis does not answer at REDIS_URL, and HISTORY_STORE=redis needs it. Start it, or use sql.', {
        cause: error,
      });
    }
  }

  /** Runs a command. @throws {AppError} UNAVAILABLE */
  async ask<Result>(command: (client: Redis | Cluster) => Promise<Result>): Promise<Result> {
    if (this.#probe !== null) throw unavailable(new Error('the last command was not answered in time'));
    try {
      return await command(this.#client);
    } catch (error) {
      if (isRefusal(error)) throw error;
      if (error instanceof Error && error.message === 'Command timed out') this.#probeUntilAnswered();
      throw unavailable(error);
    }
  }

  /** Runs a script by its digest, and hands it over where it is not known yet. @throws {AppError} UNAVAILABLE */
  run(of: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return this.ask(async (client) => {
      try {
        return await client.evalsha(of.sha, keys.length, ...keys, ...args);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return client.eval(of.text, keys.length, ...keys, ...args);
      }
    });
  }

  /** The servers that hold data: one, or the masters of the cluster. */
  nodes(): readonly Redis[] {
    return this.#client instanceof Cluster ? this.#client.nodes('master') : [this.#client];
  }

  /** Whether what was acknowledged survives a restart; null when the server does not tell. */
  async isAppendOnly(): Promise<boolean | null> {
    try {
      const told = await Promise.all(this.nodes().map((node) => node.info('persistence')));
      return told.every((text) => text.includes('aof_enabled:1'));
    } catch {
      return null;
    }
  }

  close(): void {
    if (this.#probe !== null) clearInterval(this.#probe);
    this.#client.disconnect();
  }

  #probeUntilAnswered(): void {
    if (this.#probe !== null) return;
    this.#probe = setInterval(() => {
      Promise.all(this.nodes().map((node) => node.ping())).then(
        () => {
          if (this.#probe !== null) clearInterval(this.#probe);
          this.#probe = null;
        },
        () => undefined,
      );
    }, PROBE_MS);
    this.#probe.unref();
  }
}
