import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../errors.ts';
import type { CoreContext } from '../../ports/context.ts';
import type { EventChunk, HistoryRules, RunEvents } from '../../ports/history-store.ts';
import type { LiveEvent } from '../../runs/contract.ts';
import type { RedisConnection } from './connection.ts';
import type { MonitorKeys } from './keys.ts';
import { parseObject, timeOf } from './record-format.ts';
import { APPEND_CHUNK, READ_AFTER, STAND } from './scripts/run-events.ts';

const PAGE = 200;
/** Others may write to the stream without telling: a live view looks this often. */
const LOOK_MS = 1000;
const RETRY_MS = 500;
/** Chunks that wait while Redis is away; the oldest go first. */
const MOST_WAITING = 10_000;
const RUN_KEY = 'monitor-run:';

/** Fields requirement 002 shows; all others travel as JSON in `data`. */
const FLAT = new Set(['message', 'step_number', 'passed', 'run_id']);

/** The fields and values of a stream entry, all of them text. */
export function fieldsOf(type: string, event: Readonly<Record<string, unknown>>, timestamp: string): string[] {
  const flat = Object.entries(event).filter(([name, value]) => FLAT.has(name) && value !== undefined && value !== null);
  const data = Object.fromEntries(Object.entries(event).filter(([name, value]) => !FLAT.has(name) && value !== undefined));
  return [
    'type',
    type,
    ...flat.flatMap(([name, value]) => [name, String(value)]),
    'timestamp',
    timestamp,
    ...(Object.keys(data).length === 0 ? [] : ['data', JSON.stringify(data)]),
  ];
}

function isOlder(left: string, right: string): boolean {
  const [leftMs = 0, leftSeq = 0] = left.split('-').map(Number);
  const [rightMs = 0, rightSeq = 0] = right.split('-').map(Number);
  return leftMs < rightMs || (leftMs === rightMs && leftSeq < rightSeq);
}

interface Told {
  readonly chunk: EventChunk;
  readonly run_id: string;
  readonly test_id: string;
}

/** Where a live view stands. */
interface Following {
  readonly test_id: string;
  readonly keys: MonitorKeys;
  readonly from: string;
  /** The event asked for is not there any more. */
  readonly isLost: boolean;
  readonly after: string | null;
}

interface Parts {
  readonly context: () => CoreContext;
  readonly rules: HistoryRules;
  keys(testId: string): Promise<MonitorKeys>;
  readonly most: number;
}

/** The live events of monitors in their streams. While Redis is away chunks wait here, in order. */
export class RedisRunEvents implements RunEvents {
  readonly #redis: RedisConnection;
  readonly #parts: Parts;
  readonly #reading = new Map<string, Promise<unknown>>();
  #waiting: Told[] = [];
  #flushing: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;

  constructor(redis: RedisConnection, parts: Parts) {
    this.#redis = redis;
    this.#parts = parts;
  }

  async append(chunks: readonly EventChunk[]): Promise<void> {
    this.#waiting.push(...(await this.#runsOf(chunks)));
    const excess = this.#waiting.length - MOST_WAITING;
    if (excess > 0) {
      this.#waiting.splice(0, excess);
      this.#parts.context().log.warn({ chunks: excess }, 'live events of monitors were dropped: Redis is away for too long');
    }
    await this.flush().catch(() => undefined);
  }

  /** Writes what waits. @throws {AppError} UNAVAILABLE; it stays and is tried again. */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#flushing ??= this.#writeWaiting().finally(() => (this.#flushing = null));
      await this.#flushing;
    }
  }

  /** Gives up what waits. */
  close(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#waiting = [];
  }

  async watch(asked: { test_id: string; after: string | null; replay: number }, signal: AbortSignal): Promise<AsyncGenerator<LiveEvent>> {
    const keys = await this.#parts.keys(asked.test_id);
    const standing = await this.#redis.run(STAND, [keys.events, keys.rollup], [asked.after ?? '', asked.replay]);
    const [from, isLost] = standing as [string, number];
    return this.#follow({ ...asked, keys, from, isLost: isLost === 1 }, signal);
  }

  async *#follow(of: Following, signal: AbortSignal): AsyncGenerator<LiveEvent> {
    const news = new AbortableNews();
    const stop = this.#parts.context().hub.listen(this.#parts.rules.topicOf(of.test_id), () => news.raise());
    try {
      if (of.isLost) yield this.#gap(of.from, of.after ?? '');
      let last = of.from;
      while (!signal.aborted) {
        const { floor, events } = await this.#readAfter(of.keys, last);
        if (floor !== '' && last !== '0-0' && isOlder(last, floor)) yield this.#gap(floor, last);
        for (const event of events) {
          if (signal.aborted) return;
          yield event;
          last = event.id;
        }
        if (events.length === 0) await news.next(LOOK_MS, signal);
      }
    } finally {
      stop();
    }
  }

  /** The runs whose workloads these are, with the monitors they are of; others are left out. */
  async #runsOf(chunks: readonly EventChunk[]): Promise<Told[]> {
    const told = chunks.filter((chunk) => chunk.events.length > 0);
    if (told.length === 0) return [];
    const { db } = this.#parts.context().database;
    const workloads = await db
      .selectFrom('workload')
      .select(['id', 'idempotency_key'])
      .where(
        'id',
        'in',
        told.map((chunk) => chunk.workload_id),
      )
      .where('idempotency_key', 'like', `${RUN_KEY}%`)
      .execute();
    const runs = new Map(workloads.map((row) => [row.id, (row.idempotency_key ?? '').slice(RUN_KEY.length)]));
    if (runs.size === 0) return [];
    const open = await db
      .selectFrom('open_run')
      .select(['run_id', 'test_id'])
      .where('run_id', 'in', [...runs.values()])
      .execute();
    const tests = new Map(open.map((row) => [row.run_id, row.test_id]));
    return told.flatMap((chunk) => {
      const run_id = runs.get(chunk.workload_id) ?? '';
      const test_id = tests.get(run_id);
      return test_id === undefined ? [] : [{ chunk, run_id, test_id }];
    });
  }

  async #writeWaiting(): Promise<void> {
    const { context, rules } = this.#parts;
    const topics = new Set<string>();
    try {
      for (let told = this.#waiting[0]; told !== undefined; told = this.#waiting[0]) {
        await this.#write(told);
        topics.add(rules.topicOf(told.test_id));
        this.#waiting.shift();
      }
    } catch (error) {
      if (error instanceof AppError) this.#retrySoon();
      // What Redis refuses will be refused again.
      else this.#waiting.shift();
      throw error;
    } finally {
      if (topics.size > 0) context().hub.publish([...topics]);
    }
  }

  async #write({ chunk, run_id, test_id }: Told): Promise<void> {
    const { events, told, runs, rollup } = await this.#parts.keys(test_id);
    const timestamp = new Date(this.#parts.context().now()).toISOString();
    const written = chunk.events.flatMap(({ type, ...event }) => {
      const fields = fieldsOf(type, { run_id, ...event }, timestamp);
      return [fields.length, ...fields];
    });
    await this.#redis.run(APPEND_CHUNK, [events, told, runs, rollup], [run_id, chunk.epoch, chunk.seq, this.#parts.most, ...written]);
  }

  #retrySoon(): void {
    if (this.#retry !== null) return;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.flush().catch(() => undefined);
    }, RETRY_MS);
    this.#retry.unref();
  }

  #gap(id: string, asked: string): LiveEvent {
    const { context, rules } = this.#parts;
    return rules.toLive(id, 'gap', {
      message: 'Events were trimmed away or never existed; read the results again.',
      asked: asked.slice(0, 128),
      timestamp: new Date(context().now()).toISOString(),
    });
  }

  /** Readers that stand at the same place share one read. Redis may be away for a while: a live view waits for it. */
  async #readAfter(keys: MonitorKeys, last: string): Promise<{ floor: string; events: LiveEvent[] }> {
    const place = `${keys.events} ${last}`;
    let reading = this.#reading.get(place);
    if (reading === undefined) {
      reading = this.#redis.run(READ_AFTER, [keys.events, keys.rollup], [last, PAGE]).finally(() => this.#reading.delete(place));
      this.#reading.set(place, reading);
    }
    try {
      const [floor, entries] = (await reading) as [string, [string, string[]][]];
      return { floor, events: entries.map(([id, fields]) => this.#toLive(id, fields)) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      await delay(RETRY_MS);
      return { floor: '', events: [] };
    }
  }

  #toLive(id: string, flat: readonly string[]): LiveEvent {
    const stored: Record<string, string> = {};
    for (let at = 0; at + 1 < flat.length; at += 2) stored[flat[at] ?? ''] = flat[at + 1] ?? '';
    const { data, ...texts } = stored;
    const inner = data === undefined ? null : parseObject(data);
    const fields: Record<string, unknown> = { ...(inner ?? (data === undefined ? {} : { data })), ...texts };
    const { type, timestamp, ...rest } = fields;
    return this.#parts.rules.toLive(id, typeof type === 'string' ? type : 'log', {
      ...rest,
      timestamp: timeOf(timestamp) ?? new Date(Number(id.split('-')[0])).toISOString(),
    });
  }
}

/** News that is remembered until somebody waits for it. */
class AbortableNews {
  #isRaised = false;
  #wake: (() => void) | null = null;

  raise(): void {
    this.#isRaised = true;
    this.#wake?.();
  }

  async next(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#isRaised && !signal.aborted) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      await delay(ms, undefined, { signal: AbortSignal.any([signal, woken.signal]), ref: false }).catch(() => undefined);
      this.#wake = null;
    }
    this.#isRaised = false;
  }
}
