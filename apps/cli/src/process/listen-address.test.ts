import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { listenAddress } from './listen-address.ts';

test.each([
  [{ HOST: '', PORT: '0' }, 'http://127.0.0.1'],
  [{ HOST: '0.0.0.0', PORT: '0' }, 'http://127.0.0.1'],
  [{ HOST: '::', PORT: '0' }, 'http://[::1]'],
  [{ HOST: '::1', PORT: '0' }, 'http://[::1]'],
  [{ HOST: '[::1]', PORT: '0' }, 'http://[::1]'],
  [{ HOST: 'localhost', PORT: '0' }, 'http://localhost'],
])('a server with %j is reached at %s and a port that is free', async (env, url) => {
  const address = await listenAddress(env);
  expect(address.port).toBeGreaterThan(0);
  expect(address.url).toBe(`${url}:${address.port}`);
});

test('a port that is taken is refused with what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const taken = other.address();
  const port = typeof taken === 'object' && taken !== null ? taken.port : 0;
  await expect(listenAddress({ PORT: String(port) })).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringContaining(`127.0.0.1:${port}: another program`) as string,
  });
  other.close();
});

test('an address this machine does not have is refused', async () => {
  await expect(listenAddress({ HOST: '192.0.2.1', PORT: '0' })).rejects.toMatchObject({
    message: expect.stringContaining('--host') as string,
  });
});
