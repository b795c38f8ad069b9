import { LiveReader } from '@tidemark/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawSocket } from '../testing/raw-socket.ts';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

const ADMIN_KEY = 'bootstrap-admin-key-0123456789';
const KEY = { authorization: `Bearer ${ADMIN_KEY}` };
const CONSOLE = 'https://console.example.com';
const TRUSTED = ['127.0.0.1'];

function afar(address: string): Record<string, string> {
  return { 'x-forwarded-for': address };
}

describe('calls', () => {
  let server: TestServer;

  beforeAll(async () => {
    const rate_limits = { auth: 5, read: 40, write: 6, agent: 100 };
    server = await startTestServer('pglite', {
      config: { admin_key: ADMIN_KEY, trusted_proxies: TRUSTED, rate_limits, max_streams_per_caller: 3 },
    });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('are counted for each key, and the one over the limit is told when to come back', async () => {
    const made = await server.send('POST /v1/keys', { name: 'loop', role: 'operator' }, KEY);
    const { key } = made.json as { key: string };
    const loop = { authorization: `Bearer ${key}` };
    for (let left = 5; left >= 0; left -= 1) {
      const answer = await server.send('POST /v1/workloads', { kind: 'command' }, loop);
      expect(answer.status).toBe(201);
      expect(answer.headers.get('ratelimit-limit')).toBe('6');
      expect(answer.headers.get('ratelimit-remaining')).toBe(String(left));
    }
    for (const path of ['/v1/workloads', '/trpc/workloads.create']) {
      const refused = await server.send(`POST ${path}`, { kind: 'command' }, loop);
      expect(refused.status).toBe(429);
      expect(refused.text).toContain('RATE_LIMITED');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    }
    expect((await server.get('/v1/workloads', loop)).status).toBe(200);
    expect((await server.send('POST /v1/workloads', { kind: 'command' }, KEY)).status).toBe(201);
  });

  it('count a batch as what it holds', async () => {
    const made = await server.send('POST /v1/keys', { name: 'batch', role: 'operator' }, KEY);
    const batch = { authorization: `Bearer ${(made.json as { key: string }).key}` };
    const names = Array.from({ length: 20 }, () => 'workloads.create').join(',');
    const body = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [index, { kind: 'command' }]));
    const answer = await server.send(`POST /trpc/${names}?batch=1`, body, batch);
    expect(answer.text.match(/"RATE_LIMITED"/g)).toHaveLength(14);
  });

  it('of guessed keys are counted for the address, also when each guess is another one', async () => {
    const statuses: number[] = [];
    for (let guess = 0; guess < 8; guess += 1)
      statuses.push((await server.get('/v1/stats', { authorization: `Bearer guess${guess}`, ...afar('198.51.100.9') })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    expect((await server.get('/v1/stats', { ...KEY, ...afar('198.51.100.9') })).status).toBe(200);
    expect((await server.get('/v1/stats', { authorization: 'Bearer guess', ...afar('198.51.100.10') })).status).toBe(401);
  });

  it('without a key are counted for the address, and for the /64 of IPv6', async () => {
    const statuses: number[] = [];
    for (let call = 0; call < 42; call += 1)
      statuses.push((await server.get('/v1/stats', afar(`2001:db8:1:2:${call.toString(16)}::1`))).status);
    expect(statuses.slice(0, 40).every((status) => status === 401)).toBe(true);
    expect(statuses.slice(40)).toEqual([429, 429]);
    expect((await server.get('/v1/stats', afar('2001:db8:1:3::1'))).status).toBe(401);
  });

  it('that stay open are bounded for each key, streams and parked claims together, and the one above is told the limit', async () => {
    const { key } = (await server.send('POST /v1/keys', { name: 'tabs', role: 'admin' }, KEY)).json as { key: string };
    const tabs = { authorization: `Bearer ${key}` };
    const worker = { name: 'w', worker_type: 'test', version: '1', isolations: ['process'], kinds: ['none'], slots: 1 };
    const { worker_id } = (await server.send('POST /v1/workers', worker, tabs)).json as { worker_id: string };
    const { host } = new URL(server.url);
    const head = (line: string): string => `${line} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${key}\r\n`;
    const claim = JSON.stringify({ worker_id, max: 1, wait_ms: 25_000 });
    const requests = [
      `${head('GET /v1/events/live')}\r\n`,
      `${head('GET /trpc/events.watch?input=%7B%7D')}accept: text/event-stream\r\n\r\n`,
      `${head('POST /v1/jobs/claim')}content-type: application/json\r\ncontent-length: ${claim.length}\r\n\r\n${claim}`,
    ];
    const held = await Promise.all(requests.map(() => RawSocket.open(server.url)));
    held.forEach((raw, index) => raw.write(requests[index] ?? ''));
    const isHeld = (): boolean => held.slice(0, 2).every((raw) => raw.received.startsWith('HTTP/1.1 200 '));
    await expect.poll(() => isHeld() && server.running.core.figures().parked_claims === 1, { timeout: 20_000 }).toBe(true);
    const refused = await server.get('/v1/events/live', tabs);
    expect(refused).toMatchObject({ status: 429, json: { code: 'RATE_LIMITED', data: { reason: 'streams', limit: 3 } } });
    expect(refused.text).toContain('MAX_STREAMS_PER_CALLER');
    expect(refused.headers.get('retry-after')).toBe('5');
    expect((await server.get('/trpc/events.watch?input=%7B%7D', tabs)).text).toContain('MAX_STREAMS_PER_CALLER');
    expect((await server.send('POST /v1/jobs/claim', { worker_id, max: 1, wait_ms: 1000 }, tabs)).status).toBe(429);
    expect((await server.send('POST /v1/jobs/claim', { worker_id, max: 1, wait_ms: 0 }, tabs)).status).toBe(200);
    await using other = await LiveReader.open(`${server.url}/v1/events/live`, KEY);
    expect(other.response.status).toBe(200);
    held[2]?.socket.destroy();
    const again = async (): Promise<number> => {
      await using reader = await LiveReader.open(`${server.url}/v1/events/live`, tabs);
      return reader.response.status;
    };
    await expect.poll(again, { timeout: 20_000, interval: 500 }).toBe(200);
    for (const raw of held) raw.socket.destroy();
  });

  it('are not counted while the server is open to this machine only', async () => {
    await using open = await startTestServer('pglite', { config: { rate_limits: { auth: 1, read: 1, write: 1, agent: 1 } } });
    for (let call = 0; call < 5; call += 1) {
      const answer = await open.get('/v1/stats');
      expect(answer.status).toBe(200);
      expect(answer.headers.get('ratelimit-limit')).toBeNull();
    }
  });
});

describe('who may call', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer('postgres', { config: { admin_key: ADMIN_KEY, trusted_proxies: TRUSTED, cors_origins: [CONSOLE] } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('is everybody until an administrator lists networks, and those only from then on', async () => {
    expect((await server.get('/v1/stats', { ...KEY, ...afar('198.51.100.1') })).status).toBe(200);
    const set = await server.send('PUT /v1/settings/network', { allow: ['203.0.113.0/24', '127.0.0.1'], cors_origins: [] }, KEY);
    expect(set).toMatchObject({ status: 200, json: { allow: ['203.0.113.0/24', '127.0.0.1'], cors_origins_at_start: [CONSOLE] } });
    expect((await server.get('/v1/stats', { ...KEY, ...afar('198.51.100.1') })).status).toBe(403);
    for (const path of ['/', '/docs', '/metrics', '/openapi.json', '/trpc/workloads.stats'])
      expect((await server.get(path, { ...KEY, ...afar('198.51.100.1') })).status, path).toBe(403);
    expect((await server.get('/v1/stats', { ...KEY, ...afar('203.0.113.9') })).status).toBe(200);
    const open = await server.send('PUT /v1/settings/network', { allow: [], cors_origins: [] }, KEY);
    expect(open.status).toBe(200);
    expect((await server.get('/v1/stats', { ...KEY, ...afar('198.51.100.1') })).status).toBe(200);
  });

  it('always includes whoever makes the list', async () => {
    const refused = await server.send('PUT /v1/settings/network', { allow: ['203.0.113.0/24'], cors_origins: [] }, KEY);
    expect(refused).toMatchObject({ status: 400, json: { issues: [{ path: 'allow' }] } });
    expect((await server.get('/v1/settings/network', KEY)).json).toMatchObject({ allow: [] });
  });

  it.each([['localhost'], ['10.0.0.0/33'], ['1'], [''], ['10.0.0.0/8, 127.0.0.1']])('is not written as %j', async (entry) => {
    expect((await server.send('PUT /v1/settings/network', { allow: [entry], cors_origins: [] }, KEY)).status).toBe(400);
  });
});

describe('pages of other origins', () => {
  const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer('pglite', { config: { admin_key: ADMIN_KEY, cors_origins: [CONSOLE] } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('may read answers when they are listed, with their own key and never with a cookie', async () => {
    const asked = await server.raw({ method: 'OPTIONS', path: '/v1/workloads', headers: { host: 'a', origin: CONSOLE, ...preflight } });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe(CONSOLE);
    expect(asked.headers.get('access-control-allow-headers')).toContain('authorization');
    const answer = await server.raw({ path: '/v1/stats', headers: { host: 'a', origin: CONSOLE, ...KEY } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(CONSOLE);
    expect(answer.headers.get('vary')).toContain('origin');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect((await server.raw({ path: '/v1/stats', headers: { host: 'a', origin: CONSOLE } })).status).toBe(401);
  });

  it.each(['https://evil.example', 'null', `${CONSOLE}.evil.example`, 'http://console.example.com', `${CONSOLE}:8443`])(
    'may not when they are of %s',
    async (origin) => {
      for (const method of ['OPTIONS', 'GET']) {
        const answer = await server.raw({ method, path: '/v1/stats', headers: { host: 'a', origin, ...preflight, ...KEY } });
        expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
      }
    },
  );

  it('may be listed while the server runs', async () => {
    const origin = 'https://other.example';
    expect((await server.send('PUT /v1/settings/network', { allow: [], cors_origins: [origin] }, KEY)).status).toBe(200);
    const { headers } = await server.raw({ path: '/v1/stats', headers: { host: 'a', origin, ...KEY } });
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    for (const entry of ['*', 'https://a.example/path', 'javascript:1', 'a.example', 'https://A.example'])
      expect((await server.send('PUT /v1/settings/network', { allow: [], cors_origins: [entry] }, KEY)).status, entry).toBe(400);
  });
});
