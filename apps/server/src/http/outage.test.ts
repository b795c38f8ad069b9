import { openPglite } from '@tidemark/core/adapters/pglite';
import { migrate } from '@tidemark/core/db';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { startServer } from '../start-server.ts';

describe('a server that lost its database', () => {
  it('lives on, is not ready, and answers 503 with Retry-After', async () => {
    const database = await openPglite({ dataDir: 'memory://' });
    await migrate(database);
    const server = await startServer(readConfig({ PORT: '0' }, false), { database, log: pino({ level: 'silent' }) });
    await fetch(`${server.url}/v1/stats`);
    await database.kill();
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    for (const path of ['/readyz', '/v1/workloads/wl_1']) {
      const answer = await fetch(server.url + path);
      expect(answer.status, path).toBe(503);
      expect(Number(answer.headers.get('retry-after')), path).toBeGreaterThan(0);
      expect(await answer.json()).toMatchObject({ code: 'UNAVAILABLE' });
    }
    await server.close();
    await database.close().catch(() => undefined);
  });
});
