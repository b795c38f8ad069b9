import { findPostgres, startPostgres } from '@tidemark/core/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressesOf, routePaths } from './addresses.ts';
import { post } from './agent.ts';
import { Console, chromiumPath } from './console.ts';
import { galleryPaths, galleryProblems } from './gallery.ts';
import { NARROW, violationsOf } from './violations.ts';

const hasPostgres = findPostgres() !== null;
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

/** What opens over a page, or is a page of its own under the same route. */
async function partsOf(app: Console, monitor: string): Promise<string[]> {
  const { items } = (await (await fetch(`${app.url}/v1/queues`)).json()) as { items: { name: string }[] };
  return [
    '/workloads?panel=new',
    '/workloads?status=cancelled&q=nothing',
    `/queues?edit=${items[0]?.name}`,
    '/monitors?panel=new',
    '/monitors?panel=import',
    ...['outages', 'steps', 'configuration', 'alerts'].map((tab) => `${monitor}?tab=${tab}`),
    '/publishing/queue?panel=new',
    app.setupPath,
  ];
}

describe.skipIf(chromiumPath === null)('every route of the console', () => {
  const stack = new AsyncDisposableStack();
  let app: Console;

  beforeAll(async () => {
    app = await openDemo('the embedded database', stack);
  }, 300_000);
  afterAll(() => stack.disposeAsync());

  test('opens on demo data in the embedded database without an error, a foreign request or a violation', { timeout: 600_000 }, async () => {
    const addresses = await addressesOf(app.url);
    const monitor = addresses.find((address) => /^\/monitors\/[^/]+$/.test(address)) ?? '';
    expect(await violationsOf(app, [...addresses, ...(await partsOf(app, monitor))])).toEqual([]);
    expect(app.complaints).toEqual([]);
  });

  test(
    'stands in the gallery empty, loading, failed, not found, forbidden and stale, and tells the truth in each',
    { timeout: 600_000 },
    async () => {
      const paths = await galleryPaths(app);
      expect(paths.toSorted()).toEqual((await routePaths()).filter((path) => path !== '/settings').toSorted());
      expect(await galleryProblems(app, paths)).toEqual([]);
      expect(app.complaints).toEqual([]);
    },
  );

  test.skipIf(!hasPostgres)('opens on demo data in PostgreSQL as well, on a phone', { timeout: 600_000 }, async () => {
    await using own = new AsyncDisposableStack();
    const onPostgres = await openDemo('PostgreSQL', own);
    expect(await violationsOf(onPostgres, await addressesOf(onPostgres.url), NARROW)).toEqual([]);
    expect(onPostgres.complaints).toEqual([]);
  });
});
