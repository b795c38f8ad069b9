import type { Redis, Cluster } from 'ioredis';
import type { RedisConnection } from './connection.ts';
import { keysOf, type Layout, type MonitorKeys } from './keys.ts';
import { nameOf, parseIncident } from './record-format.ts';
import { pairs } from './run-index.ts';

/** How long a look at the other layout is believed. */
const BELIEVED_MS = 5000;
const PAGE = 500;
/** Where the store remembers how much of the other layout it has taken over. */
const MARK = 'taken_over';

type Client = Redis | Cluster;

async function copySortedSet(client: Client, from: string, to: string): Promise<void> {
  for (let at = 0; ; at += PAGE) {
    const found = pairs(await client.zrange(from, String(at), String(at + PAGE - 1), 'WITHSCORES'));
    if (found.length > 0) await client.zadd(to, ...found.flatMap(({ member, text }) => [text, member]));
    if (found.length < PAGE) return;
  }
}

async function copyIncidents(client: Client, testId: string, names: { from: string; to: string }): Promise<void> {
  const [given, own] = await Promise.all([client.lrange(names.from, 0, -1), client.lrange(names.to, 0, -1)]);
  const startOf = (entry: string): string => parseIncident(testId, entry)?.started_at ?? '';
  const idOf = (entry: string): string => parseIncident(testId, entry)?.run_id ?? nameOf(entry);
  const known = new Set(own.map(idOf));
  const fresh = given.filter((entry) => !known.has(idOf(entry)));
  if (fresh.length === 0) return;
  const all = [...own, ...fresh].sort((left, right) => (startOf(left) < startOf(right) ? 1 : -1));
  await client
    .multi()
    .del(names.to)
    .rpush(names.to, ...all)
    .exec();
}

async function copyEvents(client: Client, from: string, to: string): Promise<void> {
  const [last] = await client.xrevrange(to, '+', '-', 'COUNT', 1);
  const entries = await client.xrange(from, last === undefined ? '-' : `(${last[0]}`, '+');
  for (const [id, fields] of entries) await client.xadd(to, id, ...fields);
}

async function copyTest(client: Client, from: string, to: string): Promise<void> {
  for (const [field, value] of Object.entries(await client.hgetall(from))) await client.hsetnx(to, field, value);
}

/**
 * Takes over what was written under the other names of a monitor's keys: `results:abc` on a cluster, `results:{abc}` on one server.
 * It copies and leaves the source as it is; copying again changes nothing.
 */
export class OtherLayout {
  readonly #redis: RedisConnection;
  readonly #layout: Layout;
  readonly #looked = new Map<string, number>();

  constructor(redis: RedisConnection) {
    this.#redis = redis;
    this.#layout = redis.is_cluster ? 'plain' : 'tagged';
  }

  /** Looks at most every five seconds per monitor. */
  async takeOver(testId: string, own: MonitorKeys): Promise<void> {
    const now = performance.now();
    if (now - (this.#looked.get(testId) ?? Number.NEGATIVE_INFINITY) < BELIEVED_MS) return;
    if (this.#looked.size > 100_000) this.#looked.clear();
    const other = keysOf(testId, this.#layout);
    await this.#redis.ask(async (client) => {
      const [results, timing, incidents, events, test, mark] = await Promise.all([
        client.zcard(other.results),
        client.zcard(other.timing),
        client.llen(other.incidents),
        client.xrevrange(other.events, '+', '-', 'COUNT', 1),
        client.hlen(other.test),
        client.hget(own.rollup, MARK),
      ]);
      const standing = [results, timing, incidents, events[0]?.[0] ?? '', test].join(' ');
      if (standing === (mark ?? '0 0 0  0')) return;
      await copySortedSet(client, other.results, own.results);
      await copySortedSet(client, other.timing, own.timing);
      await copyIncidents(client, testId, { from: other.incidents, to: own.incidents });
      await copyEvents(client, other.events, own.events);
      await copyTest(client, other.test, own.test);
      await client.hset(own.rollup, MARK, standing);
    });
    this.#looked.set(testId, now);
  }

  /** Removes the other names of a monitor, too. */
  async remove(testId: string): Promise<void> {
    const other = keysOf(testId, this.#layout);
    this.#looked.delete(testId);
    await this.#redis.ask((client) =>
      Promise.all([other.results, other.timing, other.incidents, other.events, other.test].map((key) => client.unlink(key))),
    );
  }
}
