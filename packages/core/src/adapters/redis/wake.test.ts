import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, testRedisUrl, waitUntil, type TestServer } from '../../testing/index.ts';
import { RedisWake } from './index.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe.skipIf(testRedisUrl() === null)('the wake bus on Redis', () => {
  let redis: TestServer;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  async function openTwo() {
    const one = new RedisWake(redis.url, SILENT);
    const two = new RedisWake(redis.url, SILENT);
    await Promise.all([one.connect(), two.connect()]);
    const heard: string[][] = [[], []];
    one.subscribe((topics) => heard[0]?.push(...topics));
    two.subscribe((topics) => heard[1]?.push(...topics));
    // Both have subscribed when each has told its readers to look.
    await waitUntil(() => expect(heard.map((topics) => topics.includes('*'))).toEqual([true, true]));
    return { one, two, heard, close: () => [one, two].forEach((bus) => bus.close()) };
  }

  it('wakes other servers, and this one only once', async () => {
    const { one, heard, close } = await openTwo();
    one.publish(['a', 'b']);
    one.publish(['a']);
    await waitUntil(() => expect(heard[1]).toEqual(['*', 'a', 'b']));
    expect(heard[0]).toEqual(['*', 'a', 'b']);
    close();
  });

  it('goes on waking this process while Redis is away, and lets everybody look when it is back', async () => {
    const { one, heard, close } = await openTwo();
    await redis.kill();
    one.publish(['alone']);
    await waitUntil(() => expect(heard[0]).toContain('alone'));
    await redis.restart();
    await waitUntil(() => expect(heard.map((topics) => topics.filter((topic) => topic === '*').length)).toEqual([2, 2]));
    one.publish(['again']);
    await waitUntil(() => expect(heard[1]).toContain('again'));
    close();
  });
});
