import { createClient } from '@tidemark/api/client';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { findChromium } from './monitor/browser/find-chromium.ts';
import { type Proved, proveExecutors } from './prove-executors.ts';

const named = process.env['CHROMIUM'];
afterEach(() => {
  if (named === undefined) delete process.env['CHROMIUM'];
  else process.env['CHROMIUM'] = named;
});

const prove = (): Promise<Proved> =>
  proveExecutors({
    sandbox: 'off',
    handlers: {},
    extra: [],
    client: createClient({ url: 'http://127.0.0.1:9' }),
    hidden: [],
    mark: 'test-prove.',
    log: pino({ level: 'silent' }),
  });

test('monitors are always offered, browsers only where one starts', async () => {
  const proved = await prove();
  expect(proved.kinds).toContain('monitor');
  expect(proved.kinds).toContain('publish');
  expect(proved.labels['browser']).toBe((await findChromium(process.env)) === null ? undefined : 'chromium');
  process.env['CHROMIUM'] = '/does/not/exist';
  const bare = await prove();
  expect(bare.kinds).toContain('monitor');
  expect(bare.labels).not.toHaveProperty('browser');
});
