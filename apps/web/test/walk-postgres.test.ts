import { findPostgres, startPostgres } from '@tidemark/core/testing';
import { afterAll, expect, test } from 'vitest';
import { addressesOf } from './addresses.ts';
import { chromiumPath } from './console.ts';
import { openDemo } from './open-demo.ts';
import { NARROW, violationsOf } from './violations.ts';

const hasPostgres = findPostgres() !== null;
afterAll(() => {
  if (chromiumPath !== null && !hasPostgres) process.stdout.write('not run: the walk on PostgreSQL (no PostgreSQL binaries found)\n');
});

test.skipIf(chromiumPath === null || !hasPostgres)(
  'every route opens on demo data in PostgreSQL as well, on a phone',
  { timeout: 600_000 },
  async () => {
    await using stack = new AsyncDisposableStack();
    const postgres = await startPostgres({ isDurable: false });
    stack.defer(() => postgres.stop());
    const app = await openDemo(stack, postgres.url);
    expect(await violationsOf(app, await addressesOf(app.url), NARROW)).toEqual([]);
    expect(app.complaints).toEqual([]);
  },
);
