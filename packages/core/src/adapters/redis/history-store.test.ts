import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CreateMonitorInput } from '../../monitors/contract.ts';
import { createMonitor } from '../../monitors/index.ts';
import { createTestCore } from '../../testing/create-test-core.ts';
import { describeHistoryStore, recordedRun, type HistoryStoreUnderTest } from '../../testing/history-store-contract.ts';
import { startRedis, startRedisCluster, testRedisUrl } from '../../testing/index.ts';
import { DEFAULT_LIMITS, RedisConnection, RedisHistoryStore, type HistoryLimits } from './index.ts';
import { keysOf } from './keys.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function openOn(started: Promise<{ url: string; stop(): Promise<void> }>, limits?: HistoryLimits): Promise<HistoryStoreUnderTest> {
  const server = await started;
  const redis = await RedisConnection.open(server.url, SILENT);
  const { core, close } = await createTestCore('pglite', undefined, {
    runs: (context, rules) => new RedisHistoryStore(redis, { context, rules, ...(limits === undefined ? {} : { limits }) }),
  });
  return {
    core,
    spoil: async (testId, at) => {
      const { results, timing, incidents } = keysOf(testId, redis.is_cluster ? 'tagged' : 'plain');
      await redis.ask((client) => client.zadd(results, at / 1000, `cut off at ${at}`));
      await redis.ask((client) => client.zadd(timing, at / 1000, `soon:${at}`));
      await redis.ask((client) => client.lpush(incidents, `cut off at ${at}`));
    },
    close: async () => {
      await close();
      redis.close();
      await server.stop();
    },
  };
}

describe.skipIf(testRedisUrl() === null)('history in Redis', () => {
  describeHistoryStore('on one Redis', () => openOn(startRedis()));
  describeHistoryStore('on a Redis Cluster', () => openOn(startRedisCluster()));

  describe('trimmed', () => {
    const MINUTE_MS = 60_000;
    const DAY_MS = 1440 * MINUTE_MS;
    let under: HistoryStoreUnderTest;

    beforeAll(async () => {
      under = await openOn(startRedis(), { ...DEFAULT_LIMITS, most_runs: 20, most_events: 10 });
    });
    afterAll(() => under.close());

    it('keeps the newest runs up to an age and a number, and what was counted of the others', async () => {
      const { core } = under;
      const input = { name: 'Login Flow', url: 'https://example.com', status: 'paused' };
      const { id } = await createMonitor(core, CreateMonitorInput.parse(input));
      const old = Math.floor((Date.now() - 40 * DAY_MS) / DAY_MS) * DAY_MS;
      const recent = Math.floor((Date.now() - 2 * DAY_MS) / DAY_MS) * DAY_MS;
      const record = (from: number, count: number) => {
        const runs = Array.from({ length: count }, (_, index) =>
          recordedRun(id, { at: from + index * MINUTE_MS, passed: index % 5 !== 0 }),
        );
        return core.database.db.transaction().execute((tx) => core.runs.record(tx, runs));
      };
      await record(recent, 10);
      await record(old, 10);
      expect(await core.runs.prune?.()).toBe(10);
      await record(recent + DAY_MS, 15);
      expect(await core.runs.prune?.()).toBe(5);
      expect(await core.runs.prune?.()).toBe(0);
      const page = { limit: 100, offset: 0 };
      const { runs, total } = await core.runs.listRuns(id, page);
      expect([runs.length, total]).toEqual([20, 20]);
      expect(runs.at(-1)?.started_at).toBe(new Date(recent + 5 * MINUTE_MS).toISOString());
      expect((await core.runs.listTiming(id, page)).total).toBe(20);
      expect((await core.runs.listRuns(id, { ...page, passed: false })).total).toBe(4);
      for (const [from, count] of [
        [old, 10],
        [recent, 10],
        [recent + DAY_MS, 15],
      ] as const)
        expect(await core.runs.countRuns([id], { from, to: from + DAY_MS })).toMatchObject([{ total: count, passed: (count * 4) / 5 }]);
    });
  });
});
