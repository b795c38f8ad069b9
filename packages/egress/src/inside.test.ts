import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createEgress, EgressError, startProxy } from './index.ts';
import { INSIDE_HOSTS, oddTargets, openCanary } from './testing/inside-targets.ts';
import { serveHttp } from './testing/servers.ts';

const closed = createEgress({ policy: { allow: [] } });
const never = new AbortController().signal;

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof EgressError ? error.code : String(error);
}

describe('nothing inside gets a connection', () => {
  test('by request, stream or plain connection, however it is spelled', async () => {
    await using canary = await openCanary();
    const { port } = canary;
    const urls = [...INSIDE_HOSTS.map((host) => `http://${host}:${port}/`), ...oddTargets(port)];
    expect(urls.length).toBeGreaterThan(70);
    for (const url of urls) {
      expect(['denied', 'invalid', 'dns'], url).toContain(await codeOf(closed.request({ url, timeout_ms: 5000 })));
      expect(['denied', 'invalid', 'dns'], url).toContain(await codeOf(closed.stream({ url, timeout_ms: 5000 }, never)));
    }
    for (const host of INSIDE_HOSTS)
      expect(['denied', 'invalid', 'dns'], host).toContain(await codeOf(closed.connect({ host, port, timeout_ms: 5000 })));
    expect(canary.connection_count).toBe(0);
  });

  test('behind a redirect', async () => {
    await using canary = await openCanary();
    const targets = [...INSIDE_HOSTS.map((host) => `http://${host}:${canary.port}/`), ...oddTargets(canary.port)];
    let at = -1;
    await using site = await serveHttp(
      (_request, response) => void response.writeHead(302, { location: encodeURI(targets[at] ?? '') }).end(),
    );
    // Public as far as the policy knows; every other name means what it means.
    const egress = createEgress({
      policy: { allow: ['site.test'] },
      resolve: async (host) => (host === 'site.test' ? ['127.0.0.1'] : ['127.0.0.1', '::1']),
    });
    for (at = 0; at < targets.length; at += 1) {
      const url = `http://site.test:${site.port}/`;
      expect(['denied', 'invalid', 'redirect', 'dns'], targets[at]).toContain(await codeOf(egress.request({ url, timeout_ms: 5000 })));
      expect(['denied', 'invalid', 'redirect', 'dns'], targets[at]).toContain(
        await codeOf(egress.stream({ url, timeout_ms: 5000 }, never)),
      );
    }
    expect(canary.connection_count).toBe(0);
  });

  test('by a name that means something else at each look', async () => {
    await using canary = await openCanary();
    const answers = [
      ['127.0.0.1'],
      ['8.8.8.8', '127.0.0.1'],
      ['::1'],
      ['::ffff:127.0.0.1'],
      ['10.0.0.1'],
      ['169.254.169.254'],
      ['0.0.0.0'],
    ];
    for (const answer of answers) {
      const egress = createEgress({ policy: { allow: [] }, resolve: async () => answer });
      const url = `http://rebinding.test:${canary.port}/`;
      expect(await codeOf(egress.request({ url, timeout_ms: 5000 })), answer.join()).toBe('denied');
      expect(await codeOf(egress.stream({ url, timeout_ms: 5000 }, never)), answer.join()).toBe('denied');
    }
    expect(canary.connection_count).toBe(0);
  });

  test('through the proxy of browsers, by tunnel or by request', async () => {
    await using canary = await openCanary();
    const proxy = await startProxy({ egress: closed, max_bytes: 1000, onRefused: () => undefined });
    const { port } = new URL(proxy.url);
    const say = (text: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
        let received = '';
        socket.on('data', (data: Buffer) => {
          received += data.toString('latin1');
          socket.destroy();
        });
        socket.on('error', () => undefined);
        socket.on('close', () => resolve(received));
      });
    for (const host of INSIDE_HOSTS) {
      const to = encodeURI(`${host}:${canary.port}`);
      expect(await say(`CONNECT ${to} HTTP/1.1\r\nhost: ${to}\r\n\r\n`), host).toMatch(/^HTTP\/1\.1 [45]/);
      expect(await say(`GET http://${to}/ HTTP/1.1\r\nhost: ${to}\r\nconnection: close\r\n\r\n`), host).toMatch(/^HTTP\/1\.1 [45]/);
    }
    await proxy.close();
    expect(canary.connection_count).toBe(0);
  });
});

describe('a stream', () => {
  test('brings a body of any length as it is read, and closes what is left of it', async () => {
    await using site = await serveHttp((request, response) => {
      response.writeHead(206, { 'x-range': request.headers.range ?? '' });
      const piece = Buffer.alloc(65_536, 'x');
      const more = (): void => {
        while (response.writable && response.write(piece));
      };
      response.on('drain', more);
      more();
    });
    const egress = createEgress({ policy: { allow: [], allow_loopback: true } });
    const answer = await egress.stream({ url: site.url, headers: { range: 'bytes=5-' }, timeout_ms: 10_000 }, never);
    expect(answer).toMatchObject({ status: 206, headers: { 'x-range': 'bytes=5-' }, redirect_count: 0 });
    let bytes = 0;
    for await (const chunk of answer.body) {
      bytes += chunk.length;
      if (bytes > 10_000_000) break;
    }
    await answer.close();
    expect(bytes).toBeGreaterThan(10_000_000);
  });

  test('that is given up ends where it is read', async () => {
    await using site = await serveHttp((_request, response) => void response.writeHead(200).write('first'));
    const egress = createEgress({ policy: { allow: [], allow_loopback: true } });
    const stopper = new AbortController();
    const answer = await egress.stream({ url: site.url, timeout_ms: 10_000 }, stopper.signal);
    const read = async (): Promise<void> => {
      for await (const chunk of answer.body) if (chunk.length > 0) stopper.abort();
    };
    expect(await codeOf(read())).toBe('aborted');
    await answer.close();
  });
});
