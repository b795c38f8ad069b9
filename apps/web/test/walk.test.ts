import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressesOf, routePaths } from './addresses.ts';
import { chromiumPath, type Console } from './console.ts';
import { galleryPaths, galleryProblems } from './gallery.ts';
import { openDemo } from './open-demo.ts';
import { violationsOf } from './violations.ts';

afterAll(() => {
  if (chromiumPath === null) process.stdout.write('not run: chromium suites (no Chromium found; set CHROMIUM to its path)\n');
});

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
    '/publishing/queue?view=calendar',
    app.setupPath,
  ];
}

describe.skipIf(chromiumPath === null)('every route of the console', () => {
  const stack = new AsyncDisposableStack();
  let app: Console;

  beforeAll(async () => {
    app = await openDemo(stack);
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
});
