import { once } from 'node:events';
import { type IncomingMessage, request, type RequestOptions } from 'node:http';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, test } from 'vitest';
import { createEgress, type EgressPolicy, PROXY_STATUS, type RunningProxy, startProxy } from './index.ts';
import { AUTHORITY, LOCALHOST } from './testing/certificates.ts';
import { serveHttp, serveHttps, serveTcp } from './testing/servers.ts';

const OPEN: EgressPolicy = { allow: ['127.0.0.1'] };

interface TestProxy extends RunningProxy, AsyncDisposable {
  port: number;
  refusals: string[];
}

async function start(policy: EgressPolicy = OPEN, max_bytes = 10_000_000): Promise<TestProxy> {
  const refusals: string[] = [];
  const proxy = await startProxy({ egress: createEgress({ policy }), max_bytes, onRefused: (error) => refusals.push(error.message) });
  return { ...proxy, port: Number(new URL(proxy.url).port), refusals, [Symbol.asyncDispose]: () => proxy.close() };
}

interface Answer {
  status: number | undefined;
  headers: Record<string, unknown>;
  body: string;
}

async function ask(proxy: TestProxy, path: string, { body = '', ...options }: RequestOptions & { body?: string } = {}): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port: proxy.port, path, ...options });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  return { status: response.statusCode, headers: response.headers, body: text };
}

async function tunnel(proxy: TestProxy, authority: string): Promise<{ socket: Socket; head: string }> {
  const socket = connect(proxy.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`);
  const [head] = (await once(socket, 'data')) as [Buffer];
  return { socket, head: head.toString() };
}

test('a request is forwarded as it is, without what belongs to the connection', async () => {
  await using site = await serveHttp((incoming, response) => {
    const { 'proxy-connection': hop, 'x-own': own } = incoming.headers;
    response.writeHead(201, { 'x-seen': `${incoming.method} ${incoming.url} ${String(hop)} ${String(own)}`, [PROXY_STATUS]: 'forged' });
    incoming.pipe(response);
  });
  await using proxy = await start();
  const headers = { 'proxy-connection': 'keep-alive', 'x-own': 'kept' };
  const answer = await ask(proxy, `${site.url}/path?q=1`, { method: 'POST', headers, body: 'body' });
  expect(answer).toMatchObject({ status: 201, body: 'body', headers: { 'x-seen': 'POST /path?q=1 undefined kept' } });
  expect(answer.headers[PROXY_STATUS]).toBeUndefined();
  expect(proxy.refusals).toEqual([]);
});

test('a tunnel carries TLS to the checked address', async () => {
  await using site = await serveHttps(LOCALHOST, (_request, response) => void response.end('through'));
  await using proxy = await start();
  const { socket, head } = await tunnel(proxy, `127.0.0.1:${site.port}`);
  expect(head).toContain('200');
  const secure = connectTls({ socket, host: '127.0.0.1', ca: AUTHORITY });
  secure.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  let text = '';
  for await (const chunk of secure.setEncoding('utf8')) text += String(chunk);
  expect(text).toContain('through');
});

test.each([
  '127.0.0.2',
  'localhost',
  '[::1]',
  '[::ffff:127.0.0.2]',
  '0.0.0.0',
  '2130706434',
  '169.254.169.254',
  'metadata.google.internal',
])('nothing inside is reached as %s, neither forwarded nor tunnelled', async (host) => {
  await using canary = await serveTcp((socket) => socket.end());
  await using proxy = await start();
  const answer = await ask(proxy, `http://${host}:${canary.port}/`);
  expect(answer.status).toBe(403);
  expect(answer.headers[PROXY_STATUS]).toBe('tidemark');
  expect(answer.body).toContain('an administrator can allow it');
  expect((await tunnel(proxy, `${host}:${canary.port}`)).head).toContain('403');
  expect(proxy.refusals).toHaveLength(2);
  expect(canary.connection_count).toBe(0);
});

test.each(['/etc/passwd', 'file:///etc/passwd', 'https://127.0.0.1/', 'http://u:p@127.0.0.1/', 'http://127.0.0.1:25/', 'ftp://127.0.0.1/'])(
  'the request line %s is refused',
  async (line) => {
    await using proxy = await start();
    expect((await ask(proxy, line)).status).toBe(403);
    expect(proxy.refusals).toHaveLength(1);
  },
);

test.each(['127.0.0.1', '127.0.0.1:25', '127.0.0.1:0', '127.0.0.1:x', 'user@127.0.0.1:80', '127.0.0.1:80/path'])(
  'the tunnel to %j is refused or leads nowhere',
  async (authority) => {
    await using proxy = await start({ allow: [] });
    expect((await tunnel(proxy, authority)).head).toContain('403');
    expect(proxy.refusals).toHaveLength(1);
  },
);

test('a target that is not there is an answer of 502', async () => {
  const gone = await serveTcp(() => undefined);
  await gone[Symbol.asyncDispose]();
  await using proxy = await start();
  const answer = await ask(proxy, `http://127.0.0.1:${gone.port}/`);
  expect(answer).toMatchObject({ status: 502, headers: { [PROXY_STATUS]: 'tidemark' } });
  expect(answer.body).toContain('refused the connection');
});

test('a flood is cut at the limit and nothing passes after it', async () => {
  await using site = await serveTcp((socket) => {
    const more = (): void =>
      void (socket.destroyed || (socket.write(Buffer.alloc(65_536)) ? setImmediate(more) : socket.once('drain', more)));
    socket.once('data', more);
  });
  await using proxy = await start(OPEN, 1_000_000);
  const { socket } = await tunnel(proxy, `127.0.0.1:${site.port}`);
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
  socket.write('go');
  await once(socket, 'close');
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(1_100_000);
  expect(proxy.refusals[0]).toContain('more than 1000000 bytes');
  const after = await tunnel(proxy, `127.0.0.1:${site.port}`);
  expect(after.head).toContain('403');
});

test('closing it closes what goes through it', async () => {
  await using site = await serveTcp(() => undefined);
  const proxy = await start();
  const { socket } = await tunnel(proxy, `127.0.0.1:${site.port}`);
  const closed = once(socket, 'close');
  await proxy.close();
  await closed;
});
