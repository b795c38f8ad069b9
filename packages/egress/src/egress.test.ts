import { once } from 'node:events';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createEgress, type EgressCode, EgressError, type EgressRequest, type EgressResponse } from './index.ts';
import { AUTHORITY, EXPIRED, LOCALHOST, OTHER_NAME, SELF_SIGNED } from './testing/certificates.ts';
import { serveHttp, serveHttps, serveTcp } from './testing/servers.ts';

const open = createEgress({ policy: { allow: [], allow_loopback: true }, ca: [AUTHORITY] });
const closed = createEgress({ policy: { allow: [] } });

const get = (url: string, more: Partial<EgressRequest> = {}): Promise<EgressResponse> => open.request({ url, timeout_ms: 10_000, ...more });

async function failureOf(work: Promise<unknown>): Promise<EgressError> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof EgressError) return error;
  throw new Error(`expected an EgressError, got ${String(error)}`);
}

async function expectFailure(work: Promise<unknown>, code: EgressCode, words: string): Promise<EgressError> {
  const failure = await failureOf(work);
  expect(failure.message).toContain(words);
  expect(failure.code).toBe(code);
  return failure;
}

describe('a request', () => {
  test('brings status, headers, body, phases and sends what it was given', async () => {
    await using server = await serveHttp((request, response) => {
      response.setHeader('set-cookie', ['a=1', 'b=2']).writeHead(418, { 'x-method': request.method });
      request.pipe(response);
    });
    const answer = await get(`${server.url}/path?q=1`, { method: 'post', body: 'text', headers: { 'X-Custom': 'yes' } });
    expect(answer).toMatchObject({ status: 418, redirect_count: 0, tls_days_left: null, is_body_truncated: false });
    expect(answer.headers).toMatchObject({ 'x-method': 'POST', 'set-cookie': 'a=1, b=2' });
    expect(answer.body.toString()).toBe('text');
    const { phases, duration_ms } = answer;
    expect(Object.keys(phases)).toEqual(['dns_ms', 'connect_ms', 'tls_ms', 'ttfb_ms', 'download_ms']);
    expect(Object.values(phases).every((ms) => Number.isInteger(ms) && ms >= 0)).toBe(true);
    // Each phase is rounded by itself.
    expect(Object.values(phases).reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(duration_ms + 3);
  });

  test('keeps the host name for the server while it connects to the checked address', async () => {
    await using server = await serveHttp((request, response) => void response.end(request.headers.host));
    const egress = createEgress({ policy: { allow: ['good.test'] }, resolve: async () => ['127.0.0.1'] });
    const answer = await egress.request({ url: `http://GOOD.test.:${server.port}/`, timeout_ms: 10_000 });
    expect(answer.body.toString()).toBe(`good.test.:${server.port}`);
  });

  test('over TLS checks the name and tells the days left', async () => {
    await using server = await serveHttps(LOCALHOST, (_request, response) => void response.end('safe'));
    for (const host of ['127.0.0.1', 'localhost']) {
      const answer = await get(`https://${host}:${server.port}/`);
      expect(answer.body.toString()).toBe('safe');
      expect(answer.tls_days_left).toBeGreaterThan(10_000);
    }
  });

  test.each([
    ['expired', EXPIRED, 'the certificate has expired'],
    ['of another name', OTHER_NAME, 'the certificate is for another name'],
    ['self-signed', SELF_SIGNED, 'the certificate is self-signed'],
  ])('to a server whose certificate is %s is not sent', async (_name, certificate, words) => {
    let requests = 0;
    await using server = await serveHttps(certificate, () => (requests += 1));
    await expectFailure(get(server.url), 'tls', words);
    expect(requests).toBe(0);
  });

  test('to a server of an unknown authority is not sent', async () => {
    await using server = await serveHttps(LOCALHOST, (_request, response) => void response.end());
    const egress = createEgress({ policy: { allow: [], allow_loopback: true } });
    await expectFailure(egress.request({ url: server.url, timeout_ms: 10_000 }), 'tls', 'not trusted');
  });

  test.each([
    ['host', 'x', 'is set by the client itself'],
    ['Connection', 'upgrade', 'is set by the client itself'],
    ['bad name', 'x', 'characters that headers cannot carry'],
    ['x:y', 'x', 'characters that headers cannot carry'],
    ['x', 'a\r\nb: c', 'characters that headers cannot carry'],
  ])('with the header %j: %j is refused', async (name, value, words) => {
    await expectFailure(get('http://127.0.0.1:1/', { headers: { [name]: value } }), 'invalid', words);
  });

  test.each(['GET\r\nX: y', 'CONNECT', 'TRACE', 'FOO', ''])('with the method %j is refused', async (method) => {
    await expectFailure(get('http://127.0.0.1:1/', { method }), 'invalid', 'the method must be');
  });

  test('by GET with a body is refused', async () => {
    await expectFailure(get('http://127.0.0.1:1/', { body: 'x' }), 'invalid', 'has no body');
  });

  test('that is given up ends at once and leaves no connection', async () => {
    const stopper = new AbortController();
    const closing = Promise.withResolvers<void>();
    await using server = await serveHttp((request) => {
      request.socket.once('close', closing.resolve);
      stopper.abort();
    });
    await expectFailure(open.request({ url: server.url, timeout_ms: 60_000 }, stopper.signal), 'aborted', 'given up');
    await closing.promise;
  });
});

describe('targets that the policy denies', () => {
  test('never get a connection, by whatever way they are named', async () => {
    await using canary = await serveHttp((_request, response) => void response.end('inside'));
    const { port } = canary;
    const names = [
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '[::ffff:127.0.0.1]',
      'localhost',
      'LOCALHOST.',
      'a.localhost',
      '0.0.0.0',
    ];
    for (const name of names) {
      const failure = await failureOf(closed.request({ url: `http://${name}:${port}/`, timeout_ms: 5000 }));
      expect(failure.code, name).toBe('denied');
      await expectFailure(closed.connect({ host: name, port, timeout_ms: 5000 }), 'denied', 'an administrator can allow it');
    }
    expect(canary.connection_count).toBe(0);
  });

  test('are met by name: the message says which address the name has', async () => {
    const egress = createEgress({ policy: { allow: [] }, resolve: async () => ['10.0.0.1'] });
    const failure = await failureOf(egress.request({ url: 'http://intranet.test/', timeout_ms: 5000 }));
    expect(failure.message).toBe('egress: intranet.test resolves to 10.0.0.1, which is a private address; an administrator can allow it');
  });

  test('stay closed when only one of the addresses of a name is inside', async () => {
    await using canary = await serveHttp((_request, response) => void response.end());
    const egress = createEgress({ policy: { allow: ['9.9.9.9'] }, resolve: async () => ['9.9.9.9', '127.0.0.1'] });
    await expectFailure(egress.request({ url: `http://mixed.test:${canary.port}/`, timeout_ms: 5000 }), 'denied', '127.0.0.1');
    expect(canary.connection_count).toBe(0);
  });

  test('stay closed when a name means something else at the second look', async () => {
    await using canary = await serveHttp((_request, response) => void response.end());
    let looks = 0;
    const resolve = async (): Promise<string[]> => [(looks += 1) % 2 === 1 ? '192.0.2.1' : '127.0.0.1'];
    // The first answer is allowed and leads nowhere, the second one would reach the canary.
    const egress = createEgress({ policy: { allow: ['192.0.2.1'] }, resolve });
    const request = { url: `http://rebinding.test:${canary.port}/`, timeout_ms: 300 };
    const first = await failureOf(egress.request(request));
    expect(['timeout', 'connect']).toContain(first.code);
    await expectFailure(egress.request(request), 'denied', 'rebinding.test resolves to 127.0.0.1');
    expect(looks).toBe(2);
    expect(canary.connection_count).toBe(0);
  });

  test('stay closed behind a redirect, and the hop is named', async () => {
    await using canary = await serveHttp((_request, response) => void response.end('inside'));
    for (const to of [`http://127.0.0.2:${canary.port}/secret?token=1`, 'http://169.254.169.254/latest/', 'http://10.0.0.1/']) {
      await using server = await serveHttp((_request, response) => void response.writeHead(302, { location: to }).end());
      const egress = createEgress({ policy: { allow: ['127.0.0.1'] } });
      const failure = await expectFailure(egress.request({ url: server.url, timeout_ms: 5000 }), 'denied', '(redirect 1, to http://');
      expect(failure.message).not.toContain('token');
    }
    expect(canary.connection_count).toBe(0);
  });

  test.each(['file:///etc/passwd', 'gopher://127.0.0.1/', 'javascript:1', 'http://a:b@127.0.0.1/', 'http://127.0.0.1:25/'])(
    'stay closed behind a redirect to %s',
    async (location) => {
      await using server = await serveHttp((_request, response) => void response.writeHead(302, { location }).end());
      expect((await failureOf(get(server.url))).message).toContain('redirect 1');
    },
  );

  test('may be checked before anything is asked of the network', () => {
    expect(() => closed.checkUrl('http://metadata/')).toThrow('cloud metadata');
    expect(() => closed.checkUrl('file:///etc/passwd')).toThrow('only http and https');
    expect(closed.checkUrl('https://example.com/x').href).toBe('https://example.com/x');
  });
});

describe('redirects', () => {
  test('are followed five times and not six', async () => {
    await using server = await serveHttp((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('there');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    const answer = await get(`${server.url}/5`);
    expect(answer).toMatchObject({ status: 200, redirect_count: 5, url: `${server.url}/0` });
    await expectFailure(get(`${server.url}/6`), 'redirect', 'more than 5 redirects');
    expect((await get(`${server.url}/6`, { redirects: 'return' })).status).toBe(302);
  });

  test('without end are given up', async () => {
    await using server = await serveHttp((_request, response) => void response.writeHead(307, { location: '/' }).end());
    await expectFailure(get(server.url), 'redirect', 'more than 5');
    expect(server.connection_count).toBe(6);
  });

  test('to another host carry no header that could be a secret', async () => {
    const seen: Record<string, unknown>[] = [];
    await using other = await serveHttp((request, response) => {
      seen.push({ ...request.headers });
      response.end();
    });
    await using server = await serveHttp((_request, response) => void response.writeHead(302, { location: `${other.url}/` }).end());
    await get(server.url, { headers: { authorization: 'Bearer x', cookie: 'a=1', 'x-api-key': 'k', accept: 'text/html' } });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ accept: 'text/html' });
    expect(Object.keys(seen[0] ?? {})).not.toEqual(expect.arrayContaining(['authorization']));
    expect(JSON.stringify(seen)).not.toMatch(/Bearer|a=1|x-api-key/);
  });

  test('to another host do not take the body along', async () => {
    await using other = await serveHttp((_request, response) => void response.end());
    await using server = await serveHttp((_request, response) => void response.writeHead(307, { location: other.url }).end());
    await expectFailure(get(server.url, { method: 'POST', body: 'secret' }), 'redirect', "redirects the request's body to another host");
    expect(other.connection_count).toBe(0);
  });

  test('after a form become GET without the body', async () => {
    await using server = await serveHttp((request, response) => {
      if (request.url === '/form') response.writeHead(303, { location: '/done' }).end();
      else response.end(`${request.method} ${request.headers['content-type'] ?? 'none'}`);
    });
    const answer = await get(`${server.url}/form`, { method: 'POST', body: 'a=1', headers: { 'content-type': 'text/plain' } });
    expect(answer.body.toString()).toBe('GET none');
  });

  test('from https to http are refused', async () => {
    await using plain = await serveHttp((_request, response) => void response.end());
    await using server = await serveHttps(LOCALHOST, (_request, response) => void response.writeHead(301, { location: plain.url }).end());
    await expectFailure(get(server.url), 'redirect', 'redirects from https to http');
    expect(plain.connection_count).toBe(0);
  });
});

describe('bodies', () => {
  test.each([
    ['gzip', gzipSync('packed')],
    ['deflate', deflateSync('packed')],
    ['br', brotliCompressSync('packed')],
    ['identity', Buffer.from('packed')],
    ['unknown', Buffer.from('packed')],
  ])('in %s are read', async (encoding, body) => {
    await using server = await serveHttp((_request, response) => void response.writeHead(200, { 'content-encoding': encoding }).end(body));
    expect((await get(server.url)).body.toString()).toBe('packed');
  });

  test('are cut at the limit, and it is said', async () => {
    await using server = await serveHttp((_request, response) => void response.end('x'.repeat(5000)));
    const cut = await get(server.url, { max_body_bytes: 4999 });
    expect([cut.body.length, cut.is_body_truncated]).toEqual([4999, true]);
    const whole = await get(server.url, { max_body_bytes: 5000 });
    expect([whole.body.length, whole.is_body_truncated]).toEqual([5000, false]);
  });

  test('that unpack to a thousand times their size are not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000), { level: 9 });
    await using server = await serveHttp((_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    const before = process.memoryUsage.rss();
    const answer = await get(server.url);
    expect(answer.is_body_truncated).toBe(true);
    expect(answer.body.length).toBe(1_048_576);
    expect(process.memoryUsage.rss() - before).toBeLessThan(50_000_000);
  });

  test('that unpack to nothing but never end are cut too', async () => {
    // An empty member after the other: no byte comes out.
    const nothing = Buffer.concat(Array.from({ length: 2000 }, () => gzipSync('')));
    await using server = await serveHttp((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      const more = (): void => void (response.destroyed || (response.write(nothing) ? setImmediate(more) : response.once('drain', more)));
      more();
    });
    const answer = await get(server.url, { max_body_bytes: 100_000 });
    expect([answer.body.length, answer.is_body_truncated]).toEqual([0, true]);
  });

  test('packed twice, or not packed as they say, are refused', async () => {
    await using twice = await serveHttp(
      (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end('x'),
    );
    await expectFailure(get(twice.url), 'body', 'compressed more than once');
    await using broken = await serveHttp(
      (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'.repeat(100)),
    );
    await expectFailure(get(broken.url), 'body', 'is not valid gzip');
  });

  test('that are empty though said to be packed are empty', async () => {
    await using server = await serveHttp((request, response) => {
      response.writeHead(request.method === 'HEAD' ? 200 : 204, { 'content-encoding': 'gzip' }).end();
    });
    expect((await get(server.url)).body.length).toBe(0);
    expect((await get(server.url, { method: 'HEAD' })).status).toBe(200);
  });

  test('that break off are an error', async () => {
    await using server = await serveTcp((socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort'));
    await expectFailure(get(`http://127.0.0.1:${server.port}/`), 'protocol', 'in the middle of the body');
  });
});

describe('servers that do not behave', () => {
  test('and never answer end at the limit, and the phase is named', async () => {
    await using server = await serveHttp(() => undefined);
    const failure = await expectFailure(
      get(server.url, { timeout_ms: 200 }),
      'timeout',
      'took more than 200 ms (waiting for the first byte)',
    );
    expect(failure.phases?.ttfb_ms).toBeGreaterThan(0);
  });

  test('and send a byte now and then end at the limit', async () => {
    await using server = await serveHttp((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 20);
      void once(response, 'close').then(() => clearInterval(timer));
    });
    await expectFailure(get(server.url, { timeout_ms: 300 }), 'timeout', 'reading the body');
  });

  test('and never finish their headers end at the limit', async () => {
    await using server = await serveTcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('x: y\r\n'), 20);
      socket.once('close', () => clearInterval(timer));
    });
    await expectFailure(get(`http://127.0.0.1:${server.port}/`, { timeout_ms: 300 }), 'timeout', 'waiting for the first byte');
  });

  test('and do not finish the TLS handshake end at the limit', async () => {
    await using server = await serveTcp(() => undefined);
    await expectFailure(get(`https://127.0.0.1:${server.port}/`, { timeout_ms: 200 }), 'timeout', 'the TLS handshake');
  });

  test.each([
    ['speak something else', '220 mail.test ESMTP\r\n', 'does not answer in HTTP/1.1'],
    ['hang up', '', 'closed the connection before it answered'],
    ['send 10 MB of headers', `HTTP/1.1 200 OK\r\n${`x: ${'y'.repeat(1000)}\r\n`.repeat(10_000)}\r\n`, 'headers larger than 65536 bytes'],
    ['switch protocols unasked', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n', 'egress: 127.0.0.1'],
  ])('and %s are an error in words', async (_name, bytes, words) => {
    await using server = await serveTcp((socket) => socket.once('data', () => socket.end(bytes)));
    await expectFailure(get(`http://127.0.0.1:${server.port}/`, { timeout_ms: 5000 }), 'protocol', words);
  });

  test('and are not there are an error in words', async () => {
    const server = await serveTcp(() => undefined);
    await server[Symbol.asyncDispose]();
    await expectFailure(get(`http://127.0.0.1:${server.port}/`), 'connect', `127.0.0.1:${server.port} refused the connection`);
    await expectFailure(get('http://does-not-exist.invalid/'), 'dns', 'does-not-exist.invalid could not be resolved');
  });

  test('and a look-up that never ends are given up', async () => {
    const egress = createEgress({ policy: { allow: [] }, resolve: () => new Promise(() => undefined) });
    await expectFailure(egress.request({ url: 'http://slow.test/', timeout_ms: 100 }), 'timeout', 'looking up the name');
  });
});

describe('a TCP connection', () => {
  test('is opened to a checked address and timed', async () => {
    await using server = await serveTcp((socket) => void socket.end('hello'));
    const { socket, address, phases } = await open.connect({ host: 'localhost', port: server.port, timeout_ms: 5000 });
    const [greeting] = (await once(socket, 'data')) as [Buffer];
    expect(greeting.toString()).toBe('hello');
    expect(address).toBe('127.0.0.1');
    expect(phases.connect_ms).toBeGreaterThanOrEqual(0);
    socket.destroy();
  });

  test.each([0, 65_536, -1, 1.5, Number.NaN])('to port %s is refused', async (port) => {
    await expectFailure(open.connect({ host: '127.0.0.1', port, timeout_ms: 1000 }), 'invalid', 'is not a port');
  });

  test.each(['a b', 'x/y', 'user@host', 'host:80', '', '..', 'http://x', 'a'.repeat(300)])('to the host %j is refused', async (host) => {
    await expectFailure(open.connect({ host, port: 80, timeout_ms: 1000 }), 'invalid', 'is not a host name');
  });
});
