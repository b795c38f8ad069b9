import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProxy } from '../testing/start-proxy.ts';
import type { TestProxy } from '../testing/start-proxy.ts';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

const ADMIN_KEY = 'bootstrap-admin-key-0123456789';
const KEY = { authorization: `Bearer ${ADMIN_KEY}` };
/** Nobody but a proxy on this machine may call: what gets through tells whose address was believed. */
const ONLY_AFAR = { admin_key: ADMIN_KEY, network_allow: ['203.0.113.0/24', '2001:db8::/32'] };

async function statusOf(server: TestServer, headers: Record<string, string>): Promise<number> {
  return (await server.get('/v1/stats', { ...KEY, ...headers })).status;
}

describe('a server that trusts nobody', () => {
  it('takes nothing from forwarding headers', async () => {
    await using server = await startTestServer('pglite', { config: ONLY_AFAR });
    expect(await statusOf(server, { 'x-forwarded-for': '203.0.113.7' })).toBe(403);
    expect(await statusOf(server, { 'x-real-ip': '203.0.113.7', forwarded: 'for=203.0.113.7' })).toBe(403);
    const answer = await server.get('/v1/stats', { ...KEY, 'x-forwarded-proto': 'https' });
    expect(answer.headers.get('strict-transport-security')).toBeNull();
  });

  it('does not lend its openness to a proxy on its machine', async () => {
    await using server = await startTestServer('pglite');
    expect((await server.get('/v1/stats')).status).toBe(200);
    for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded'])
      expect((await server.get('/v1/stats', { [name]: '203.0.113.7' })).status, name).toBe(403);
  });
});

describe('a server that trusts a proxy', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer('pglite', { config: { ...ONLY_AFAR, trusted_proxies: ['127.0.0.1', '10.0.0.0/8'] } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each(['203.0.113.7', '203.0.113.7:4711', '[2001:db8::5]:443', '2001:db8::5', '203.0.113.7, 10.1.2.3', 'nonsense, 203.0.113.7'])(
    'believes it about %s',
    async (forwarded) => {
      expect(await statusOf(server, { 'x-forwarded-for': forwarded })).toBe(200);
    },
  );

  it.each(['198.51.100.1', '203.0.113.7, 198.51.100.1', '203.0.113.7, nonsense', '', ',', '203.0.113.7, 198.51.100.1, 10.1.2.3'])(
    'stops at the first hop that is no proxy of its own: %s',
    async (forwarded) => {
      expect(await statusOf(server, { 'x-forwarded-for': forwarded })).toBe(403);
    },
  );

  it('asks browsers for TLS where the caller already has it', async () => {
    const headers = { ...KEY, 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' };
    expect((await server.get('/v1/stats', headers)).headers.get('strict-transport-security')).toMatch(/^max-age=/);
  });

  it('is still alive for whoever watches it', async () => {
    expect((await server.get('/healthz')).status).toBe(200);
  });
});

describe('below a path of another host', () => {
  let server: TestServer;
  let proxy: TestProxy;

  beforeAll(async () => {
    server = await startTestServer('pglite', { config: { admin_key: ADMIN_KEY, trusted_proxies: ['127.0.0.1'] } });
    proxy = await startProxy(server.url, { prefix: '/ops/tidemark' });
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it('every page tells its links where they are', async () => {
    for (const path of ['/', '/workloads/wl_1', '/docs']) {
      const answer = await fetch(`${proxy.url}/ops/tidemark${path}`, { headers: { accept: 'text/html' } });
      expect(answer.status, path).toBe(200);
      expect(await answer.text(), path).toContain('<base href="/ops/tidemark/"');
    }
  });

  it('the API and live streams work through the proxy', async () => {
    const made = await fetch(`${proxy.url}/ops/tidemark/v1/workloads`, {
      method: 'POST',
      body: '{"kind":"command"}',
      headers: { ...KEY, 'content-type': 'application/json' },
    });
    expect(made.status).toBe(201);
    const { id } = (await made.json()) as { id: string };
    const live = await fetch(`${proxy.url}/ops/tidemark/v1/workloads/${id}/live`, { headers: KEY });
    expect(live.headers.get('content-type')).toMatch(/^text\/event-stream/);
    await live.body?.cancel();
  });

  it.each(['//evil.example', '/a"><script>', '/../x', 'x', '/ok/..'])('a prefix that is no path is not believed: %s', async (prefix) => {
    const answer = await server.get('/docs', { 'x-forwarded-prefix': prefix, accept: 'text/html' });
    expect(answer.text).toContain('<base href="/">');
  });

  it('a configured path needs no header and may be left on by the proxy', async () => {
    await using own = await startTestServer('pglite', { config: { base_path: '/tide' } });
    for (const path of ['/tide/docs', '/docs']) expect((await own.get(path)).text).toContain('<base href="/tide/">');
    for (const path of ['/tide/v1/stats?queue=x', '/tide/healthz', '/tide'])
      expect((await own.get(path, { accept: 'text/html' })).status).toBe(200);
    expect((await own.get('/tidemark/v1/stats')).status).toBe(404);
  });
});
