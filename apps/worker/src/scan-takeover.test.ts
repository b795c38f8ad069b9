import { findRedis, startRedis, type TestServer } from '@tidemark/core/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RouterOutputs } from '@tidemark/api/client';
import { TestSystem, until } from './testing/system.ts';

const KEYS = 1_000_000;
const BATCH = 100_000;
/** Twice the time until a lease ends and its job is taken over, and the scan itself. */
const LIMIT_MS = 240_000;

describe.runIf(findRedis() !== null)('a scan of a million keys', () => {
  let system: TestSystem;
  let server: TestServer;
  let redis: Redis;
  beforeAll(async () => {
    [system, server] = await Promise.all([TestSystem.start(), startRedis()]);
    redis = new Redis(server.url);
    for (let from = 0; from < KEYS; from += BATCH) {
      await redis.eval("for i = ARGV[1], ARGV[1] + ARGV[2] - 1 do redis.call('set', 'p' .. i % 10 .. ':' .. i, 'v') end", 0, from, BATCH);
    }
  });
  afterAll(async () => {
    redis.disconnect();
    await system.close();
    await server.stop();
  });

  test(
    'survives two kills of its worker, goes on from its cursor, and its totals are those of the database',
    { timeout: LIMIT_MS },
    async () => {
      expect(await redis.dbsize()).toBe(KEYS);
      const payload = { redis_url: server.url, keys_per_second: 100_000 };
      const { id } = await system.client.workloads.create.mutate({ kind: 'scan', payload });
      const get = (): Promise<RouterOutputs['workloads']['get']> => system.client.workloads.get.query({ id });
      let before = 0;
      for (const life of ['first', 'second']) {
        const agent = await system.startAgent(life);
        const seen = await until(
          'it gets on',
          async () => {
            const { keys_scanned } = await get();
            return (keys_scanned ?? 0) > before && keys_scanned;
          },
          60_000,
        );
        agent.child.kill('SIGKILL');
        await agent.exited;
        before = (await get()).keys_scanned ?? 0;
        expect(before).toBeGreaterThanOrEqual(seen);
        expect(before).toBeLessThan(KEYS);
      }
      await system.startAgent('third');
      const done = await until(
        'it ends',
        async () => {
          const workload = await get();
          return workload.status !== 'running' && workload.status !== 'pending' && workload;
        },
        120_000,
      );
      expect(done).toMatchObject({
        status: 'completed',
        lease_losses: 2,
        attempt: 1,
        keys_scanned: KEYS,
        progress: { done: KEYS, total: KEYS },
      });
      const report = JSON.parse(done.output ?? '') as { prefixes: { prefix: string; keys: number }[] };
      expect(report).toMatchObject({
        keys: KEYS,
        dbsize_before: KEYS,
        dbsize_after: KEYS,
        types: { string: KEYS },
        without_ttl: KEYS,
        restarted_nodes: 0,
      });
      expect(report.prefixes.map(({ keys }) => keys)).toEqual(Array.from({ length: 10 }, () => KEYS / 10));
      // Each report is an interval of work; while nobody had the job there is none.
      const items = await until('its history is written', async () => {
        const found = (await system.client.workers.history.query({ job_id: id, limit: 100 })).items;
        return found.reduce((sum, { keys_scanned }) => sum + (keys_scanned ?? 0), 0) === KEYS && found;
      });
      expect(new Set(items.map(({ worker_id }) => worker_id)).size).toBe(3);
      const { points } = await system.client.workers.throughput.query({
        job_id: id,
        bucket: 'second',
        from: done.created_at,
        to: done.finished_at ?? undefined,
      });
      expect(points.reduce((sum, { keys_scanned }) => sum + (keys_scanned ?? 0), 0)).toBe(KEYS);
      const worked = points.map(({ keys_scanned }) => (keys_scanned === null ? '.' : 'x')).join('');
      expect(worked).toMatch(/^\.*x[x.]*\.{10,}x[x.]*\.{10,}x[x.]*$/);
    },
  );
});
