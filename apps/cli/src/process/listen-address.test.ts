import { expect, test } from 'vitest';
import { listenAddress } from './listen-address.ts';

test.each([
  [{}, 'http://127.0.0.1:3000'],
  [{ HOST: '', PORT: ' ' }, 'http://127.0.0.1:3000'],
  [{ HOST: '0.0.0.0', PORT: '8080' }, 'http://127.0.0.1:8080'],
  [{ HOST: '::', PORT: '8080' }, 'http://[::1]:8080'],
  [{ HOST: '::1', PORT: '8080' }, 'http://[::1]:8080'],
  [{ HOST: '[::1]', PORT: '8080' }, 'http://[::1]:8080'],
  [{ HOST: 'control.internal', PORT: '8080' }, 'http://control.internal:8080'],
])('a server with %j is reached at %s', async (env, url) => {
  expect((await listenAddress(env)).url).toBe(url);
});

test('port 0 becomes a port that is free', async () => {
  const { port, url } = await listenAddress({ PORT: '0' });
  expect(port).toBeGreaterThan(0);
  expect(url).toBe(`http://127.0.0.1:${port}`);
});
