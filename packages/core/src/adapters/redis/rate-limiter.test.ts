import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RateBudgets, RateLimiter } from '../../ports/index.ts';
import { rateLimiterContract, startRedis, testRedisUrl, waitUntil, type TestServer } from '../../testing/index.ts';
import { RedisRateLimiter } from './index.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const BUDGETS: RateBudgets = { auth: 1000, read: 1000, write: 10, agent: 1000 };

describe.skipIf(testRedisUrl() === null)('calls counted in Redis', () => {
  let redis: TestServer;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  /** Before it is connected it counts alone: then a second one does not know of the first one's calls. */
  async function open(budgets: RateBudgets): Promise<RateLimiter> {
    const limiter = new RedisRateLimiter(redis.url, budgets, SILENT);
    const other = new RedisRateLimiter(redis.url, { ...budgets, auth: 100_000 }, SILENT);
    await waitUntil(async () => {
      const mine = await limiter.take('auth', 'are you there?');
      const theirs = await other.take('auth', 'are you there?');
      const used = 100_000 - theirs.remaining;
      expect(used).toBeGreaterThan(budgets.auth - mine.remaining);
    });
    other.close();
    return limiter;
  }

  rateLimiterContract('in Redis', open);

  it('are those of all servers together', async () => {
    const [one, two] = [await open(BUDGETS), await open(BUDGETS)];
    for (let call = 0; call < 5; call += 1) {
      await one.take('write', 'shared');
      await two.take('write', 'shared');
    }
    expect((await one.take('write', 'shared')).is_over).toBe(true);
    expect((await two.take('write', 'shared')).is_over).toBe(true);
    one.close();
    two.close();
  });

  it('are still limited while Redis is away, and no call fails for it', async () => {
    const limiter = await open(BUDGETS);
    await redis.kill();
    const states = await Promise.all(Array.from({ length: 40 }, () => limiter.take('write', 'alone')));
    expect(states.filter(({ is_over }) => !is_over)).toHaveLength(10);
    limiter.close();
  });
});
