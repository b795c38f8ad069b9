import { permissions } from '@tidemark/api/server';
import type { Caller } from '@tidemark/api/server';
import { engines } from '@tidemark/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

const ADMIN_KEY = 'bootstrap-admin-key-0123456789';

describe.each(engines())('every procedure on a server with %s', (engine) => {
  let server: TestServer;
  const credentials: Record<Caller, Record<string, string>> = {
    anonymous: {},
    viewer: {},
    operator: {},
    admin: {},
    worker: {},
    limited: {},
  };

  beforeAll(async () => {
    server = await startTestServer(engine, { config: { admin_key: ADMIN_KEY } });
    const admin = { authorization: `Bearer ${ADMIN_KEY}` };
    for (const role of ['viewer', 'operator', 'admin', 'worker', 'limited'] as const) {
      const input = role === 'limited' ? { name: role, role: 'operator', queues: ['default'] } : { name: role, role };
      const made = await server.send('POST /v1/keys', input, admin);
      credentials[role] = { authorization: `Bearer ${(made.json as { key: string }).key}` };
    }
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** The status of a call whose input no schema takes: whoever is let in is told 400, and nothing changes. */
  async function statusOf(method: string, path: string, caller: Caller): Promise<number> {
    const target = path.replaceAll(/\{[^}]+\}/g, 'none');
    const hasBody = method !== 'GET' && method !== 'DELETE';
    const answer = hasBody
      ? await server.send(`${method} ${target}`, { no_such_field: 1 }, credentials[caller])
      : await server.send(`${method} ${target}?no_such_field=1`, undefined, credentials[caller]);
    return answer.status;
  }

  it.each(Object.keys(credentials) as Caller[])('lets %s call exactly what the table says', async (caller) => {
    const table = permissions();
    expect(table.length).toBeGreaterThan(100);
    const differences: string[] = [];
    const judge = async ({ name, method, path, allowed }: (typeof table)[number]): Promise<void> => {
      const status = await statusOf(method, path, caller);
      const refused = caller === 'anonymous' ? 401 : 403;
      const expected = allowed.includes(caller) ? 400 : refused;
      if (status !== expected) differences.push(`${name}: ${status} instead of ${expected}`);
    };
    for (let at = 0; at < table.length; at += 8) await Promise.all(table.slice(at, at + 8).map(judge));
    expect(differences).toEqual([]);
  });
});
