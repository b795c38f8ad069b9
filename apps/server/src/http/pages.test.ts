import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

let server: TestServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-web-'));
  await mkdir(join(folder, 'dist', 'assets'), { recursive: true });
  await writeFile(join(folder, 'dist', 'index.html'), '<!doctype html><title>app</title>');
  await writeFile(join(folder, 'dist', 'assets', 'app-1a2b.js'), 'export {};');
  await writeFile(join(folder, 'secret.txt'), 'secret');
  server = await startTestServer('pglite', { web_dir: join(folder, 'dist') });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

describe('the web app', () => {
  it('is served at the root and at every path a person may open', async () => {
    for (const path of ['/', '/workloads', '/workloads/wl_1', '/dashboard']) {
      const page = await server.get(path, { accept: 'text/html' });
      expect(page, path).toMatchObject({ status: 200, text: '<!doctype html><title>app</title>' });
      expect(page.headers.get('cache-control')).toBe('no-cache');
    }
  });

  it('lets browsers keep files whose name carries a hash', async () => {
    const file = await server.get('/assets/app-1a2b.js');
    expect(file.headers.get('content-type')).toMatch(/^text\/javascript/);
    expect(file.headers.get('cache-control')).toContain('immutable');
  });

  it('answers a missing file and an API client with a 404', async () => {
    expect((await server.get('/assets/none.js', { accept: 'text/html' })).status).toBe(404);
    expect((await server.get('/nothing')).status).toBe(404);
  });

  it.each(['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/..%2f..%2fsecret.txt', '/%2e%2e%5csecret.txt', '/a%00b'])(
    'never leaves its folder: %s',
    async (path) => {
      const answer = await server.raw({ path, headers: { host: new URL(server.url).host } });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.text).not.toContain('secret');
    },
  );

  it('says how to build it when it is not built', async () => {
    await using bare = await startTestServer('pglite', { web_dir: join(folder, 'nowhere') });
    const page = await bare.get('/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('not built');
  });
});

describe('every answer', () => {
  it('carries security headers and a request id', async () => {
    for (const path of ['/', '/v1/stats', '/v1/nothing', '/trpc/workloads.stats', '/docs', '/metrics', '/openapi.json']) {
      const { headers } = await server.get(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy, path).toMatch(/default-src 'self';.*frame-ancestors 'none'/);
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('permissions-policy')).toContain('camera=()');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-request-id')).toMatch(/^[\w.-]+$/);
    }
  });

  it('is protected also where no route was asked', async () => {
    for (const path of ['/healthz', '/readyz', '/nothing.txt'])
      expect((await server.get(path)).headers.get('x-content-type-options'), path).toBe('nosniff');
    const unclear = await server.raw({ path: '/v1/stats', headers: { host: 'a b' } });
    expect(unclear.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it('keeps the request id of its caller when it is harmless', async () => {
    expect((await server.get('/v1/stats', { 'x-request-id': 'mine-1' })).headers.get('x-request-id')).toBe('mine-1');
    expect((await server.get('/v1/stats', { 'x-request-id': 'a b<script>' })).headers.get('x-request-id')).not.toContain('script');
  });
});

describe('the state of the server', () => {
  it('is alive and ready, and says what its database is', async () => {
    expect((await server.get('/healthz')).json).toEqual({ status: 'ok' });
    const ready = await server.get('/readyz');
    expect(ready.json).toMatchObject({ status: 'ready', database: { engine: 'pglite', is_power_loss_safe: false } });
    expect(ready.text).toContain('power cut');
  });

  it('is measured by procedure', async () => {
    await server.get('/v1/stats');
    await server.get('/v1/workloads/wl_none');
    const metrics = await server.get('/metrics');
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(metrics.text).toMatch(/tidemark_http_request_duration_seconds_count\{route="workloads.stats",status="200"\} [1-9]/);
    expect(metrics.text).toMatch(/tidemark_http_request_duration_seconds_count\{route="workloads.get",status="404"\} [1-9]/);
    expect(metrics.text).not.toContain('wl_none');
  });
});

describe('the API reference', () => {
  it('comes from this origin alone and holds no inline script', async () => {
    const page = await server.get('/docs');
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/https?:\/\//);
    expect(page.text).toContain('<base href="/">');
    expect(page.text).not.toMatch(/<script(?![^>]*src=)/);
    const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? '');
    expect(sources.length).toBeGreaterThanOrEqual(3);
    for (const source of sources) expect((await server.get(new URL(source, 'http://a/').pathname)).status, source).toBe(200);
  });

  it('describes the paths', async () => {
    const document = await server.get('/openapi.json');
    expect(document.json).toMatchObject({ openapi: '3.1.0', paths: { '/v1/workloads': { post: {}, get: {} } } });
  });
});
