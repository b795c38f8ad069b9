import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmptyPostgres, engines, testRedisUrl, waitUntil } from '@tidemark/core/testing';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { openDatabase } from './open-database.ts';

const LOG = pino({ level: 'silent' });

describe.skipIf(testRedisUrl() === null || !engines().includes('postgres'))('a database with REDIS_URL', () => {
  it('wakes the other servers of the same database through Redis', async () => {
    const database = await createEmptyPostgres();
    const config = { database_url: database.url, data_dir: '', redis_url: testRedisUrl() };
    const one = await openDatabase(config, LOG);
    const two = await openDatabase(config, LOG);
    const heard = new Set<string>();
    two.wake.subscribe((topics) => topics.forEach((topic) => heard.add(topic)));
    await waitUntil(() => {
      one.wake.publish(['workloads']);
      expect(heard).toContain('workloads');
    });
    await one.close();
    await two.close();
    await database.drop();
  });
});

describe('a Redis that is not there', () => {
  it('is refused at start, with what to do', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-redis-'));
    const opening = openDatabase({ database_url: null, data_dir: folder, redis_url: 'redis://127.0.0.1:1' }, LOG);
    await expect(opening).rejects.toThrow(/REDIS_URL/);
    await rm(folder, { recursive: true, force: true });
  });
});
