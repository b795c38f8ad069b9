import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { DatabaseLogger } from '../../db/logger.ts';
import { LocalWake } from '../../db/local-wake.ts';
import type { WakeBus } from '../../ports/database.ts';

const CHANNEL = 'tidemark';
/** PostgreSQL refuses a payload of 8,000 bytes or more. */
const MAX_PAYLOAD_BYTES = 7500;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5000;
/** A busy server tells the others this often at most; the first news after a rest goes at once. */
const REST_MS = 10;

function parsePayload(payload: string | undefined): { server_id: string; topics: string[] } | null {
  try {
    const value: unknown = JSON.parse(payload ?? '');
    if (!Array.isArray(value)) return null;
    const [serverId, topics]: unknown[] = value;
    if (typeof serverId !== 'string' || !Array.isArray(topics)) return null;
    return { server_id: serverId, topics: topics.filter((topic) => typeof topic === 'string') };
  } catch {
    return null;
  }
}

/**
 * Wakes this process at once and other servers by LISTEN/NOTIFY on a connection of its own. NOTIFY takes a lock that
 * serialises commits and costs as much as a small flush, so everything published during one and shortly after goes into the next.
 */
export class PostgresWake implements WakeBus {
  readonly #serverId = randomUUID();
  readonly #local = new LocalWake();
  readonly #config: pg.ClientConfig;
  readonly #logger: DatabaseLogger;
  readonly #closed = new AbortController();
  #client: pg.Client | null = null;
  #outbox = new Set<string>();
  #isSending = false;

  constructor(config: pg.ClientConfig, logger: DatabaseLogger) {
    this.#config = config;
    this.#logger = logger;
  }

  publish(topics: readonly string[]): void {
    if (topics.length === 0) return;
    this.#local.publish(topics);
    for (const topic of topics) this.#outbox.add(topic);
    this.#scheduleSend();
  }

  subscribe(listener: (topics: readonly string[]) => void): () => void {
    return this.#local.subscribe(listener);
  }

  /** Starts listening. @throws when the first connection fails; later ones are retried for ever. */
  async connect(): Promise<void> {
    const client = new pg.Client(this.#config);
    client.on('error', (error) => this.#lose(client, error));
    client.on('end', () => this.#lose(client, null));
    client.on('notification', (message) => this.#receive(message.payload));
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    if (this.#closed.signal.aborted) {
      await client.end();
      return;
    }
    this.#client = client;
    if (this.#outbox.size > 0) this.#scheduleSend();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => undefined);
  }

  #receive(payload: string | undefined): void {
    const message = parsePayload(payload);
    if (message === null) this.#local.publish(['*']);
    else if (message.server_id !== this.#serverId) this.#local.publish(message.topics);
  }

  #lose(client: pg.Client, error: Error | null): void {
    if (this.#client !== client) return;
    this.#client = null;
    this.#logger.warn({ err: error }, 'the connection that listens for wake-ups was lost; reconnecting');
    void client.end().catch(() => undefined);
    void this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    for (let wait = FIRST_RETRY_MS; !this.#closed.signal.aborted; wait = Math.min(wait * 2, MAX_RETRY_MS)) {
      try {
        await this.connect();
        // Whatever was said in between is lost: let every reader look for itself.
        this.#local.publish(['*']);
        return;
      } catch (error) {
        this.#logger.warn({ err: error, retry_in_ms: wait }, 'cannot listen for wake-ups yet');
        await delay(wait, undefined, { signal: this.#closed.signal }).catch(() => undefined);
      }
    }
  }

  #scheduleSend(): void {
    if (this.#isSending || this.#client === null) return;
    this.#isSending = true;
    setImmediate(() => void this.#send());
  }

  async #send(): Promise<void> {
    const client = this.#client;
    const topics = [...this.#outbox];
    this.#outbox = new Set();
    try {
      if (client === null) throw new Error('not connected');
      const payload = JSON.stringify([this.#serverId, topics]);
      const isShort = Buffer.byteLength(payload) <= MAX_PAYLOAD_BYTES;
      await client.query({
        name: 'wake',
        text: 'select pg_notify($1, $2)',
        values: [CHANNEL, isShort ? payload : JSON.stringify([this.#serverId, ['*']])],
      });
    } catch (error) {
      // One wide wake-up instead of a list that grows for as long as the database is away.
      this.#outbox = new Set(['*']);
      if (client !== null) this.#lose(client, error instanceof Error ? error : null);
    } finally {
      setTimeout(() => {
        this.#isSending = false;
        if (this.#outbox.size > 0) this.#scheduleSend();
      }, REST_MS).unref();
    }
  }
}
