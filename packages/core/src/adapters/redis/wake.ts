import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { DatabaseLogger } from '../../db/logger.ts';
import { LocalWake } from '../../db/local-wake.ts';
import type { WakeBus } from '../../ports/database.ts';

const CHANNEL = 'tidemark:wake';
const CONNECT_TIMEOUT_MS = 5000;
const MAX_RETRY_MS = 5000;

function parseMessage(text: string): { server_id: string; topics: string[] } | null {
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value)) return null;
    const [serverId, topics]: unknown[] = value;
    if (typeof serverId !== 'string' || !Array.isArray(topics)) return null;
    return { server_id: serverId, topics: topics.filter((topic) => typeof topic === 'string') };
  } catch {
    return null;
  }
}

/**
 * Wakes this process at once and other servers through Redis, one message per turn of the event loop. Redis may be away: then
 * only the other servers' safety poll notices, and after it came back everybody looks once.
 */
export class RedisWake implements WakeBus {
  readonly #serverId = randomUUID();
  readonly #local = new LocalWake();
  readonly #sender: Redis;
  readonly #listener: Redis;
  readonly #logger: DatabaseLogger;
  #outbox = new Set<string>();
  #isSending = false;

  constructor(url: string, logger: DatabaseLogger) {
    this.#logger = logger;
    const options = {
      lazyConnect: true,
      connectTimeout: CONNECT_TIMEOUT_MS,
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
      retryStrategy: (times: number) => Math.min(times * 100, MAX_RETRY_MS),
    };
    this.#sender = new Redis(url, options);
    this.#listener = new Redis(url, { ...options, autoResubscribe: false });
    for (const client of [this.#sender, this.#listener]) {
      client.on('error', (error: Error) => this.#logger.warn({ err: error }, 'Redis, which carries wake-ups, is out of reach'));
    }
    this.#listener.on('message', (_channel: string, text: string) => this.#receive(text));
    this.#listener.on('ready', () => void this.#subscribe());
  }

  /** Connects and listens. @throws when Redis does not answer; later losses are retried for ever. */
  async connect(): Promise<void> {
    await Promise.all([this.#sender.connect(), this.#listener.connect()]);
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

  close(): void {
    this.#sender.disconnect();
    this.#listener.disconnect();
  }

  async #subscribe(): Promise<void> {
    try {
      await this.#listener.subscribe(CHANNEL);
      // Whatever was said before is lost: let every reader look for itself.
      this.#local.publish(['*']);
    } catch (error) {
      this.#logger.warn({ err: error }, 'cannot listen for wake-ups yet');
    }
  }

  #receive(text: string): void {
    const message = parseMessage(text);
    if (message === null) this.#local.publish(['*']);
    else if (message.server_id !== this.#serverId) this.#local.publish(message.topics);
  }

  #scheduleSend(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    setImmediate(() => void this.#send());
  }

  async #send(): Promise<void> {
    const topics = [...this.#outbox];
    this.#outbox = new Set();
    // What is not delivered is found by the safety poll of the others.
    await this.#sender.publish(CHANNEL, JSON.stringify([this.#serverId, topics])).catch(() => undefined);
    this.#isSending = false;
    if (this.#outbox.size > 0) this.#scheduleSend();
  }
}
