// Takes the pictures of the documentation from the demo with its live traffic: node scripts/take-screenshots.ts [name …]
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { chromiumPath, Console } from '../test/console.ts';

const FOLDER = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
const DEADLINE_MS = 60_000;

const IMPORT = [
  'echo "\\033[1mimport orders\\033[0m from exports/orders.csv"',
  'for part in 1 2 3 4 5 6; do echo "\\033[32mok\\033[0m   part $part of 8: 12,500 rows in 0.$part s"; sleep 0.3; done',
  'echo "\\033[33mwarn\\033[0m part 7 of 8: 3 rows without a currency, taken as EUR"',
  'sleep 0.3',
  'echo "\\033[31mfail\\033[0m part 8 of 8: row 98,211: order 7741 has no customer" >&2',
  'echo "     expected a customer id, found an empty field" >&2',
  'exit 3',
].join('\n');

interface Picture {
  readonly name: string;
  readonly theme?: 'dark';
  readonly path: () => string | Promise<string>;
  /** What has to be there before the picture is taken. */
  readonly shows: (page: Page) => Promise<void>;
}

async function firstOf(app: Console, path: string, fits: (item: Record<string, unknown>) => boolean = () => true): Promise<string> {
  const { items } = (await (await fetch(app.url + path)).json()) as { items: Record<string, unknown>[] };
  const id = items.find(fits)?.['id'];
  if (typeof id !== 'string') throw new Error(`${path} lists nothing to show`);
  return id;
}

async function waitFor(app: Console, id: string, status: string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while ((await app.statusOf(id)) !== status) {
    if (Date.now() > deadline) throw new Error(`${id} did not become ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A failed import with two attempts. */
async function runImport(app: Console): Promise<string> {
  const { id } = await app.submit({
    kind: 'command',
    payload: { command: ['sh', '-s', 'import', 'exports/orders.csv'], stdin: IMPORT },
    labels: { team: 'shop', source: 'orders' },
    max_attempts: 2,
    backoff_ms: 500,
  });
  await waitFor(app, id, 'failed');
  return id;
}

/** Charts are drawn when they come into view, after the numbers beside them. */
async function waitForChart(page: Page): Promise<void> {
  await page.locator('.uplot canvas').first().waitFor();
}

async function pictures(app: Console): Promise<Picture[]> {
  const monitor = await firstOf(app, '/api/tests?limit=100', (item) => item['state'] === 'down');
  return [
    { name: 'overview', path: () => '/', shows: waitForChart },
    { name: 'overview-dark', theme: 'dark', path: () => '/', shows: waitForChart },
    { name: 'monitor', path: () => `/monitors/${monitor}`, shows: waitForChart },
    { name: 'publishing', path: () => '/publishing', shows: waitForChart },
    // The last, so that its work is in no other picture.
    {
      name: 'workload',
      path: async () => `/workloads/${await runImport(app)}`,
      shows: (page) => page.getByText('expected a customer id, found an empty field').last().waitFor(),
    },
  ];
}

async function take(app: Console, { name, theme, path, shows }: Picture): Promise<void> {
  const page = await app.page(await path(), {
    preferences: { theme: theme ?? 'light', zone: 'UTC' },
    context: { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' },
  });
  await shows(page);
  await page.locator('[data-live="live"]').waitFor();
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: `${FOLDER}${name}.png` });
  await page.context().close();
  process.stdout.write(`${FOLDER}${name}.png\n`);
}

if (chromiumPath === null) throw new Error('No Chromium found; set CHROMIUM to its path.');
await using app = await Console.open(chromiumPath, { demo: 'live', hasWorker: false });
await mkdir(FOLDER, { recursive: true });
const wanted = process.argv.slice(2);
for (const picture of await pictures(app)) if (wanted.length === 0 || wanted.includes(picture.name)) await take(app, picture);
if (app.complaints.length > 0) throw new Error(app.complaints.join('\n'));
