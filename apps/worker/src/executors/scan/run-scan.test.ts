import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { findRedis, freePort, startRedis } from '@tidemark/core/testing';
import { createHandlerExecutors, type Executor } from '@tidemark/sdk/agent';
import { type RunningJob, startJob } from '@tidemark/sdk/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { scanHandler } from './run-scan.ts';
import type { ScanReport } from './report.ts';
import type { ScanState } from './scan-state.ts';

const [executor] = createHandlerExecutors({ scan: scanHandler }) as [Executor];

async function report(job: RunningJob): Promise<ScanReport> {
  const outcome = await job.outcome;
  if (outcome.op !== 'complete') throw new Error(outcome.error);
  return JSON.parse(outcome.output ?? '') as ScanReport;
}

const counted = ({ checkpoints }: RunningJob): number => checkpoints.reduce((sum, { keys_scanned = 0 }) => sum + keys_scanned, 0);

test.each([
  ['http://127.0.0.1:6379', 'payload.redis_url'],
  ['not a url', 'payload.redis_url'],
  [undefined, 'payload.redis_url'],
])('the URL %s fails for good', async (redis_url, message) => {
  expect(await startJob(executor, { redis_url }).outcome).toMatchObject({
    op: 'fail',
    retryable: false,
    error: expect.stringContaining(message),
  });
});

test('a Redis that is not there fails as retryable, without the password', async () => {
  const port = await freePort();
  const outcome = await startJob(executor, { redis_url: `redis://user:topsecret@127.0.0.1:${port}/2` }).outcome;
  expect(outcome).toMatchObject({ op: 'fail', retryable: true, error: expect.stringContaining(`127.0.0.1:${port}/2 does not answer`) });
  expect(JSON.stringify(outcome)).not.toContain('topsecret');
});

test('a server that speaks something else fails instead of hanging', async () => {
  const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9\r\n')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  expect(await startJob(executor, { redis_url: `redis://127.0.0.1:${port}` }).outcome).toMatchObject({ op: 'fail', retryable: true });
  server.close();
});

describe.runIf(findRedis() !== null)('a scan of a real Redis', () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    redis.on('error', () => undefined);
  });
  beforeEach(() => redis.flushall());
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  /** Keys `<prefix><n>` with the text `v`. */
  const populate = (prefix: string, count: number): Promise<unknown> =>
    redis.eval("for i = 1, tonumber(ARGV[2]) do redis.call('set', ARGV[1] .. i, 'v') end", 0, prefix, count);

  test('an empty one has an empty report', async () => {
    expect(await report(startJob(executor, { redis_url: server.url }))).toMatchObject({
      keys: 0,
      dbsize_after: 0,
      prefixes: [],
      estimated_bytes: null,
      notes: expect.any(Array),
    });
  });

  test('keys are counted by prefix, type and expiry, and the largest are named', async () => {
    await populate('user:', 300);
    await redis.set('session:1:a', 'x', 'EX', 1000);
    await redis.rpush('queue:jobs', ...Array.from({ length: 500 }, (_, at) => String(at)));
    await redis.set('blob', 'y'.repeat(100_000));
    await redis.set(Buffer.from([0xff, 0xfe, 0x00]), 'binary');
    const found = await report(startJob(executor, { redis_url: `${server.url}/0`, memory_sample_every: 1 }));
    expect(found).toMatchObject({
      target: `${new URL(server.url).host}/0`,
      masters: 1,
      keys: 304,
      dbsize_before: 304,
      dbsize_after: 304,
      types: { string: 303, list: 1 },
      without_ttl: 303,
      vanished: 0,
      restarted_nodes: 0,
      notes: [],
      sampling: { memory_every: 1, sampled_keys: 304 },
    });
    expect(found.prefixes.map(({ prefix, keys, without_ttl }) => ({ prefix, keys, without_ttl }))).toEqual([
      { prefix: 'user', keys: 300, without_ttl: 300 },
      { prefix: null, keys: 2, without_ttl: 2 },
      { prefix: 'queue', keys: 1, without_ttl: 1 },
      { prefix: 'session', keys: 1, without_ttl: 0 },
    ]);
    expect(found.largest_keys.slice(0, 2).map(({ key, type }) => ({ key, type }))).toEqual([
      { key: 'blob', type: 'string' },
      { key: 'queue:jobs', type: 'list' },
    ]);
    expect(found.largest_keys[0]?.memory_bytes).toBeGreaterThan(100_000);
    expect(found.estimated_bytes).toBe(found.sampling.sampled_bytes);
  });

  test('only what matches is counted, and more segments make finer prefixes', async () => {
    await populate('a:b:', 30);
    await populate('a:c:', 20);
    await populate('z:', 50);
    const found = await report(startJob(executor, { redis_url: server.url, match: 'a:*', prefix_segments: 2, count: 10 }));
    expect(found).toMatchObject({ keys: 50, match: 'a:*', dbsize_after: 100 });
    expect(found.prefixes.map(({ prefix, keys }) => [prefix, keys])).toEqual([
      ['a:b', 30],
      ['a:c', 20],
    ]);
  });

  test('thousands of prefixes fit in a checkpoint and lose no key', async () => {
    await redis.eval("for i = 1, 5000 do redis.call('set', 'p' .. i .. string.rep('\\1', 200) .. ':x', 'v') end", 0);
    await populate('big:', 5000);
    const job = startJob(executor, { redis_url: server.url, memory_sample_every: 1 });
    const found = await report(job);
    expect(found.keys).toBe(10_000);
    expect(found.prefixes.reduce((sum, { keys }) => sum + keys, 0) + found.other_prefixes.keys).toBe(found.keys);
    expect(found.prefixes[0]).toMatchObject({ prefix: 'big', keys: 5000 });
    for (const { cursor } of job.checkpoints) expect(Buffer.byteLength(JSON.stringify(cursor))).toBeLessThan(262_144);
  });

  test('a rate limit holds the walk back', async () => {
    await populate('k:', 2000);
    const started = performance.now();
    await report(startJob(executor, { redis_url: server.url, keys_per_second: 1000, count: 100 }));
    const limited = performance.now() - started;
    const free = performance.now();
    await report(startJob(executor, { redis_url: server.url, count: 100 }));
    expect(limited).toBeGreaterThan(2 * (performance.now() - free));
  });

  test('a scan that was stopped goes on from its cursor and counts every key once', async () => {
    await populate('k:', 20_000);
    const payload = { redis_url: server.url, keys_per_second: 20_000, count: 500 };
    const first = startJob(executor, payload);
    first.stop('released', 1000);
    await first.outcome;
    const second = startJob(executor, { ...payload, keys_per_second: undefined }, { checkpoint: first.checkpoints.at(-1)?.cursor ?? null });
    expect(await report(second)).toMatchObject({ keys: 20_000, dbsize_after: 20_000 });
    expect(counted(first) + counted(second)).toBe(20_000);
  });

  test('a Redis that goes away half-way fails as retryable and its checkpoint is kept', async () => {
    await populate('k:', 20_000);
    const payload = { redis_url: server.url, keys_per_second: 2000, count: 100 };
    const job = startJob(executor, payload);
    await until(() => counted(job) > 0);
    await server.kill?.();
    expect(await job.outcome).toMatchObject({ op: 'fail', retryable: true, error: expect.stringContaining('does not answer') });
    const cursor = job.checkpoints.at(-1)?.cursor as ScanState;
    expect(cursor.node?.tally.total.keys).toBe(counted(job));
    await server.restart();
    // A cursor of the killed server means nothing to the new one: its keys are counted anew, and still each of them once.
    const again = startJob(executor, { redis_url: server.url }, { checkpoint: cursor });
    const found = await report(again);
    expect(found).toMatchObject({ restarted_nodes: 1, keys: found.dbsize_after, dbsize_after: 20_000 });
    expect(again.live.map(({ text }) => text).join('')).toContain('started anew');
  });

  test('a user who may not look fails for good', async () => {
    const name = `u${randomUUID().slice(0, 8)}`;
    await redis.acl('SETUSER', name, 'on', '>pass', '~*', '+@all', '-memory');
    await populate('k:', 10);
    const url = (password: string): string => server.url.replace('redis://', `redis://${name}:${password}@`);
    expect(await startJob(executor, { redis_url: url('wrong') }).outcome).toMatchObject({
      op: 'fail',
      retryable: false,
      error: expect.stringContaining('WRONGPASS'),
    });
    expect(await startJob(executor, { redis_url: url('pass') }).outcome).toMatchObject({
      op: 'fail',
      retryable: false,
      error: expect.stringContaining('NOPERM'),
    });
  });
});

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('not in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
