import { appErrorOf, createClient } from '@tidemark/api/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

const ADMIN_KEY = 'bootstrap-admin-key-0123456789';
const WORKER = { worker_type: 'test', version: '1', isolations: ['process'], kinds: ['command'], slots: 1 };

function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}

describe('an open server on loopback', () => {
  let server: TestServer;
  let host: string;

  beforeAll(async () => {
    server = await startTestServer('pglite');
    host = new URL(server.url).host;
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('lets a local caller do everything', async () => {
    expect((await server.send('POST /v1/workloads', { kind: 'command' })).status).toBe(201);
    expect((await server.get('/v1/keys')).status).toBe(200);
  });

  it.each(['localhost:3000', '127.0.0.1', '[::1]:8080', 'LOCALHOST'])('answers to the name %s', async (name) => {
    expect((await server.raw({ path: '/v1/stats', headers: { host: name } })).status).toBe(200);
  });

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:3000', '192.168.1.5'])(
    'does not answer to the name %s, on any path',
    async (name) => {
      for (const path of ['/v1/stats', '/trpc/workloads.stats', '/metrics', '/', '/openapi.json']) {
        expect(await server.raw({ path, headers: { host: name } }), path).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });
      }
    },
  );

  it.each(['http://evil.example', 'null', 'http://localhost:1', 'https://127.0.0.1'])(
    'refuses a change that a page of %s sends',
    async (origin) => {
      for (const path of ['/v1/workloads', '/trpc/workloads.create']) {
        const answer = await server.raw({
          method: 'POST',
          path,
          headers: { host, origin, 'content-type': 'application/json' },
          body: '{"kind":"command"}',
        });
        expect(answer, path).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });
      }
    },
  );

  it('accepts a change from its own page', async () => {
    const headers = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
    expect((await server.raw({ method: 'POST', path: '/v1/workloads', headers, body: '{"kind":"command"}' })).status).toBe(201);
  });

  it('refuses what a foreign page reads, and opens for a person who follows a link', async () => {
    const foreign = { host, 'sec-fetch-site': 'cross-site' };
    expect((await server.raw({ path: '/v1/workloads', headers: { ...foreign, 'sec-fetch-mode': 'no-cors' } })).status).toBe(403);
    expect((await server.raw({ path: '/', headers: { ...foreign, 'sec-fetch-mode': 'navigate' } })).status).toBe(200);
  });

  it('gives no page of another origin a way to read answers', async () => {
    const preflight = await server.raw({
      method: 'OPTIONS',
      path: '/v1/workloads',
      headers: { host, origin: 'http://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBeGreaterThanOrEqual(400);
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the first key', () => {
  it('must be an admin key, and closes the server at once', async () => {
    await using server = await startTestServer('pglite');
    const refused = await server.send('POST /v1/keys', { name: 'agents', role: 'worker' });
    expect(refused).toMatchObject({ status: 400, json: { issues: [{ path: 'role' }] } });
    const made = await server.send('POST /v1/keys', { name: 'me', role: 'admin' });
    expect(made.status).toBe(201);
    const { key } = made.json as { key: string };
    expect(await server.get('/v1/stats')).toMatchObject({ status: 401, json: { code: 'UNAUTHORIZED' } });
    expect((await server.get('/v1/stats', bearer(key))).status).toBe(200);
    expect((await server.send('POST /v1/keys', { name: 'agents', role: 'worker' }, bearer(key))).status).toBe(201);
  });
});

describe('a server with keys', () => {
  let server: TestServer;
  const keys: Record<string, string> = {};

  beforeAll(async () => {
    server = await startTestServer('pglite', { config: { admin_key: ADMIN_KEY } });
    for (const role of ['viewer', 'operator', 'admin', 'worker']) {
      const made = await server.send('POST /v1/keys', { name: role, role }, bearer(ADMIN_KEY));
      keys[role] = (made.json as { key: string }).key;
    }
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('asks for a key on every API path and tells how to send it', async () => {
    for (const path of ['/v1/stats', '/v1/workloads', '/v1/events/live', '/metrics']) {
      const answer = await server.get(path);
      expect(answer, path).toMatchObject({ status: 401, json: { code: 'UNAUTHORIZED' } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    expect(await server.get('/trpc/workloads.stats')).toMatchObject({
      status: 401,
      json: { error: { data: { app_code: 'UNAUTHORIZED' } } },
    });
    expect((await server.get('/healthz')).status).toBe(200);
    expect((await server.get('/readyz')).status).toBe(200);
  });

  it('takes the key from either header, and not two different ones', async () => {
    expect((await server.get('/v1/stats', bearer(ADMIN_KEY))).status).toBe(200);
    expect((await server.get('/v1/stats', { 'x-api-key': ADMIN_KEY })).status).toBe(200);
    expect((await server.get('/v1/stats', { 'x-api-key': ADMIN_KEY, ...bearer('other') })).status).toBe(400);
  });

  it('answers every bad key alike', async () => {
    const good = keys['viewer'] ?? '';
    const bad = ['null', 'undefined', 'tmk_x_y_z', good.slice(0, -1), `${good}x`, good.toUpperCase(), ADMIN_KEY.slice(1)];
    const answers = await Promise.all(bad.map((key) => server.get('/v1/stats', bearer(key))));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(401);
    expect((await server.get('/v1/stats', { authorization: 'Basic abc' })).status).toBe(401);
  });

  it.each([
    { role: 'viewer', read: 200, create: 403, manage: 403, register: 403 },
    { role: 'operator', read: 200, create: 201, manage: 403, register: 403 },
    { role: 'admin', read: 200, create: 201, manage: 200, register: 201 },
    { role: 'worker', read: 403, create: 403, manage: 403, register: 201 },
  ])('lets a key of role $role do what the role may', async ({ role, read, create, manage, register }) => {
    const headers = bearer(keys[role] ?? '');
    expect((await server.get('/v1/workloads', headers)).status).toBe(read);
    expect((await server.send('POST /v1/workloads', { kind: 'command' }, headers)).status).toBe(create);
    expect((await server.get('/v1/keys', headers)).status).toBe(manage);
    expect((await server.send('POST /v1/workers', { ...WORKER, name: role }, headers)).status).toBe(register);
  });

  it('does not check Host or Origin of a caller with a key', async () => {
    const headers = {
      host: 'tidemark.example',
      origin: 'http://elsewhere.example',
      'content-type': 'application/json',
      ...bearer(ADMIN_KEY),
    };
    expect((await server.raw({ method: 'POST', path: '/v1/workloads', headers, body: '{"kind":"command"}' })).status).toBe(201);
  });

  it('stops knowing a key once it is revoked', async () => {
    const made = await server.send('POST /v1/keys', { name: 'short', role: 'viewer' }, bearer(ADMIN_KEY));
    const { id, key } = made.json as { id: string; key: string };
    expect((await server.get('/v1/stats', bearer(key))).status).toBe(200);
    expect((await server.send(`POST /v1/keys/${id}/revoke`, undefined, bearer(ADMIN_KEY))).status).toBe(200);
    expect((await server.get('/v1/stats', bearer(key))).status).toBe(401);
  });

  it('never shows a key or its hash again', async () => {
    const list = await server.get('/v1/keys', bearer(ADMIN_KEY));
    for (const key of Object.values(keys)) expect(list.text).not.toContain(key.split('_')[2] ?? key);
    const [item] = (list.json as { items: object[] }).items;
    expect(Object.keys(item ?? {}).toSorted()).toEqual([
      'created_at',
      'created_by',
      'expires_at',
      'id',
      'kinds',
      'last_used_at',
      'name',
      'queues',
      'replaced_by',
      'revoked_at',
      'role',
      'sees_payloads',
    ]);
  });

  it('refuses a key that would be useless', async () => {
    for (const input of [
      { name: 'x', role: 'root' },
      { name: ' ', role: 'viewer' },
      { name: 'x', role: 'viewer', expires_at: '2001-01-01T00:00:00Z' },
    ]) {
      expect((await server.send('POST /v1/keys', input, bearer(ADMIN_KEY))).status).toBe(400);
    }
  });
});

describe('a worker key given at start', () => {
  it('lets a worker in and nothing else, also after the first API key closed the server', async () => {
    await using server = await startTestServer('pglite', { config: { worker_key: 'worker-key-of-this-start' } });
    const first = await server.send('POST /v1/keys', { name: 'first', role: 'admin' });
    expect(first.status).toBe(201);
    expect((await server.send('POST /v1/workers', { ...WORKER, name: 'kept' })).status).toBe(401);
    expect((await server.send('POST /v1/workers', { ...WORKER, name: 'kept' }, bearer('worker-key-of-this-start'))).status).toBe(201);
    expect((await server.get('/v1/workloads', bearer('worker-key-of-this-start'))).status).toBe(403);
  });
});

describe('a refusal before any procedure', () => {
  it('reaches the typed client as the refusal it is, single and in a batch', async () => {
    await using server = await startTestServer('pglite', { config: { admin_key: ADMIN_KEY } });
    const client = createClient({ url: server.url, key: 'not-a-key' });
    const calls = [client.workloads.create.mutate({ kind: 'command' }), client.workloads.stats.query({}), client.workers.list.query({})];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome.status === 'rejected' ? appErrorOf(outcome.reason) : outcome).toMatchObject({ code: 'UNAUTHORIZED' });
    }
  });
});

describe('a server that could be reached from afar', () => {
  it('does not start without a way to get in', async () => {
    await expect(startTestServer('pglite', { config: { host: '0.0.0.0' } })).rejects.toThrow(/TIDEMARK_ADMIN_KEY/);
  });
});
