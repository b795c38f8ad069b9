import { describe } from 'vitest';
import { createTestCore } from '../../testing/create-test-core.ts';
import { describeHistoryStore, type HistoryStoreUnderTest } from '../../testing/history-store-contract.ts';
import { startRedis, startRedisCluster, testRedisUrl } from '../../testing/index.ts';
import { RedisConnection, RedisHistoryStore } from './index.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function openOn(started: Promise<{ url: string; stop(): Promise<void> }>): Promise<HistoryStoreUnderTest> {
  const server = await started;
  const redis = await RedisConnection.open(server.url, SILENT);
  const { core, close } = await createTestCore('pglite', undefined, {
    runs: (context, rules) => new RedisHistoryStore(redis, { context, rules }),
  });
  return {
    core,
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
});
