import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchange, RawSocket } from '../testing/raw-socket.ts';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

/** The waits of the real server, shortened alike. */
const PATIENCE = { headers_ms: 600, request_ms: 900, check_ms: 50, idle_ms: 400 };
const CLOSE = 'connection: close\r\n';
const JSON_TYPE = 'content-type: application/json\r\n';
const SLOW = 250;

let server: TestServer;
let host: string;

beforeAll(async () => {
  server = await startTestServer('pglite', { patience: PATIENCE });
  host = `host: ${new URL(server.url).host}\r\n`;
});
afterAll(() => server[Symbol.asyncDispose]());

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0);

describe('slow senders', () => {
  it('are cut off with 408, five hundred at once, and /healthz answers meanwhile', async () => {
    const slow = await Promise.all(Array.from({ length: SLOW * 2 }, () => RawSocket.open(server.url)));
    const bodies = slow.slice(0, SLOW);
    for (const raw of bodies) raw.write(`POST /v1/workloads HTTP/1.1\r\n${host}${JSON_TYPE}content-length: 100\r\n\r\n{`);
    for (const raw of slow.slice(SLOW)) raw.write(`GET /v1/stats HTTP/1.1\r\n${host}x-slow: `);
    const drip = setInterval(() => slow.forEach((raw) => raw.write(' ')), 150);
    const open = new Set(slow);
    const ends = slow.map(async (raw) => {
      const answer = await raw.closed;
      open.delete(raw);
      return answer;
    });
    let answered = 0;
    while (open.size > 0) {
      expect((await server.get('/healthz')).status).toBe(200);
      answered += 1;
    }
    clearInterval(drip);
    const statuses = (await Promise.all(ends)).map(statusOf);
    expect(statuses.filter((status) => status === 408)).toHaveLength(SLOW * 2);
    expect(answered).toBeGreaterThan(1);
  });

  it('that never say anything, or nothing more, are cut off as well', async () => {
    const silent = await RawSocket.open(server.url);
    const idle = await RawSocket.open(server.url);
    idle.write(`GET /healthz HTTP/1.1\r\n${host}\r\n`);
    expect(statusOf(await silent.closed)).toBe(408);
    expect(await idle.closed).toMatch(/^HTTP\/1\.1 200 [^]*\{"status":"ok"\}$/);
  });
});

describe('a request that is not one', () => {
  it.each([
    ['two lengths', `POST /v1/workloads HTTP/1.1\r\nHOST${JSON_TYPE}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, 400],
    ['a negative length', `POST /v1/workloads HTTP/1.1\r\nHOST${JSON_TYPE}content-length: -1\r\n\r\n{}`, 400],
    [
      'a length and chunks',
      `POST /v1/workloads HTTP/1.1\r\nHOST${JSON_TYPE}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['a chunk that is none', `POST /v1/workloads HTTP/1.1\r\nHOST${JSON_TYPE}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n`, 400],
    ['a header line without a colon', `GET /v1/stats HTTP/1.1\r\nHOSTnonsense\r\n\r\n`, 400],
    ['a method nobody knows', `BREW /v1/stats HTTP/1.1\r\nHOST\r\n`, 400],
    ['no Host', `GET /v1/stats HTTP/1.1\r\n${CLOSE}\r\n`, 400],
    ['an empty Host', `GET /v1/stats HTTP/1.1\r\nhost:\r\n${CLOSE}\r\n`, 400],
    ['a Host with a space', `GET /v1/stats HTTP/1.1\r\nhost: a b\r\n${CLOSE}\r\n`, 400],
    ['two Hosts', `GET /v1/stats HTTP/1.1\r\nHOSThost: evil.example\r\n${CLOSE}\r\n`, 400],
    ['a Host of somebody else', `GET /v1/stats HTTP/1.1\r\nhost: evil.example\r\n${CLOSE}\r\n`, 403],
    ['a target of another server', `GET http://evil.example/v1/stats HTTP/1.1\r\nHOST${CLOSE}\r\n`, 400],
    ['a target that is a star', `OPTIONS * HTTP/1.1\r\nHOST${CLOSE}\r\n`, 400],
    ['a tunnel', `CONNECT evil.example:443 HTTP/1.1\r\nHOST${CLOSE}\r\n`, 0],
    ['20 kB of one header', `GET /v1/stats HTTP/1.1\r\nHOSTx-a: ${'a'.repeat(20_000)}\r\n${CLOSE}\r\n`, 431],
    ['20 kB of target', `GET /v1/stats?q=${'a'.repeat(20_000)} HTTP/1.1\r\nHOST${CLOSE}\r\n`, 431],
    ['TRACE', `TRACE /v1/stats HTTP/1.1\r\nHOST${CLOSE}\r\n`, 405],
    ['an escape cut short', `GET /v1/workloads/%E0%A4 HTTP/1.1\r\nHOST${CLOSE}\r\n`, 404],
    ['an upgrade', `GET /v1/stats HTTP/1.1\r\nHOSTupgrade: websocket\r\nconnection: close, upgrade\r\n\r\n`, 200],
  ])('with %s is refused, and the server goes on', async (_name, text, status) => {
    const answer = await exchange(server.url, text.replace('HOST', host));
    expect(statusOf(answer), answer.slice(0, 300)).toBe(status);
    expect(answer.length).toBeLessThan(9000);
    expect(answer).not.toMatch(/node_modules|evil\.example\/|at .*\.ts:/);
    expect((await server.get('/healthz')).status).toBe(200);
  });

  it('cut off in its body changes nothing', async () => {
    const raw = await RawSocket.open(server.url);
    raw.write(`POST /v1/workloads HTTP/1.1\r\n${host}${JSON_TYPE}content-length: 1000\r\n\r\n{"kind":"command"}`);
    raw.socket.end();
    await raw.closed;
    expect((await server.get('/v1/workloads')).json).toMatchObject({ items: [] });
  });

  it('with more headers than a browser ever sends is read with the first hundred', async () => {
    const headers = Array.from({ length: 1000 }, (_, index) => `x-${index}: 1\r\n`).join('');
    const answer = await exchange(server.url, `GET /v1/stats HTTP/1.1\r\n${host}${CLOSE}${headers}\r\n`);
    expect([200, 431]).toContain(statusOf(answer));
  });

  it('of another site with a form changes nothing, whatever the form is called', async () => {
    for (const type of [
      'multipart/form-data; boundary=x',
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/octet-stream',
      '',
    ]) {
      const body = '--x\r\ncontent-disposition: form-data; name="kind"\r\n\r\ncommand\r\n--x--\r\n';
      const announced = type === '' ? '' : `content-type: ${type}\r\n`;
      for (const path of ['/trpc/workloads.create', '/trpc/workloads.create?batch=1', '/v1/workloads']) {
        const text = `POST ${path} HTTP/1.1\r\n${host}${CLOSE}${announced}content-length: ${body.length}\r\n\r\n${body}`;
        expect(statusOf(await exchange(server.url, text)), `${type} ${path}`).toBe(415);
      }
    }
    expect((await server.get('/v1/workloads')).json).toMatchObject({ items: [] });
  });

  it('of 300 MB is refused before any of it is read, and the rest is not taken', async () => {
    const raw = await RawSocket.open(server.url);
    raw.write(`POST /trpc/workloads.create HTTP/1.1\r\n${host}${JSON_TYPE}content-length: 314572800\r\n\r\n`);
    await expect.poll(() => statusOf(raw.received)).toBe(413);
    const piece = 'x'.repeat(65_536);
    for (let sent = 0; sent < 4800 && raw.socket.writable; sent += 1) {
      raw.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await raw.closed;
    expect(raw.socket.bytesWritten).toBeLessThan(314_572_800);
    expect((await server.get('/healthz')).status).toBe(200);
  });

  it('in a thousand copies on one connection is answered in order', async () => {
    const one = `GET /v1/nothing HTTP/1.1\r\n${host}\r\n`;
    const answer = await exchange(server.url, `${one.repeat(999)}GET /healthz HTTP/1.1\r\n${host}${CLOSE}\r\n`);
    expect(answer.match(/HTTP\/1\.1 404 /g)).toHaveLength(999);
    expect(answer.endsWith('{"status":"ok"}')).toBe(true);
  });
});

describe('connections', () => {
  it('beyond what one address may hold are closed at once, and others are served', async () => {
    await using small = await startTestServer('pglite', { config: { max_connections_per_address: 20 } });
    const held = await Promise.all(Array.from({ length: 20 }, () => RawSocket.open(small.url)));
    const more = await Promise.all(Array.from({ length: 5 }, () => RawSocket.open(small.url)));
    for (const raw of more) expect(await raw.closed).toBe('');
    expect(held.every((raw) => !raw.socket.closed)).toBe(true);
    const [first] = held;
    first?.socket.destroy();
    await first?.closed;
    await expect
      .poll(async () => (await exchange(small.url, 'GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')).includes('"ok"'))
      .toBe(true);
    for (const raw of held) raw.socket.destroy();
  });
});
