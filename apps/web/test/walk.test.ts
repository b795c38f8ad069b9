import { findPostgres, startPostgres } from '@tidemark/core/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { addressesOf } from './addresses.ts';
import { post } from './agent.ts';
import { Console, chromiumPath } from './console.ts';
import { violationsOf } from './violations.ts';
import type { Look } from './violations.ts';

const hasPostgres = findPostgres() !== null;
const WIDE: Look = { theme: 'light', width: 1440 };
const NARROW: Look = { theme: 'dark', width: 360 };
// Each database is seen in one of the two looks; alone, the embedded one is seen in both.
const WALKS = [
  { engine: 'the embedded database', looks: hasPostgres ? [WIDE] : [WIDE, NARROW] },
  ...(hasPostgres ? [{ engine: 'PostgreSQL', looks: [NARROW] }] : []),
];

afterAll(() => {
  if (chromiumPath === null) process.stdout.write('not run: chromium suites (no Chromium found; set CHROMIUM to its path)\n');
  else if (!hasPostgres) process.stdout.write('not run: the walk on PostgreSQL (no PostgreSQL binaries found)\n');
});

/** A console on a month of demo data, with one bulk action done. */
async function openDemo(engine: string, stack: AsyncDisposableStack): Promise<Console> {
  const postgres = engine === 'PostgreSQL' ? await startPostgres({ isDurable: false }) : null;
  if (postgres !== null) stack.defer(() => postgres.stop());
  const store = postgres === null ? {} : { databaseUrl: postgres.url };
  const app = stack.use(await Console.open(chromiumPath ?? '', { hasWorker: false, demo: 'still', ...store }));
  await post(`${app.url}/v1/operations`, { action: 'cancel', filter: { status: 'pending' } });
  return app;
}

describe.skipIf(chromiumPath === null)('every route of the console', () => {
  test.each(WALKS)(
    'opens on demo data in $engine without an error, a foreign request or a violation',
    async ({ engine, looks }) => {
      await using stack = new AsyncDisposableStack();
      const app = await openDemo(engine, stack);
      const addresses = await addressesOf(app.url);
      for (const look of looks) expect(await violationsOf(app, addresses, look)).toEqual([]);
      expect(app.complaints).toEqual([]);
    },
    240_000,
  );
});
