import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { post } from './agent.ts';
import { Console, chromiumPath } from './console.ts';
import { isThorough } from './thorough.ts';

afterAll(() => {
  if (chromiumPath === null) process.stdout.write('not run: chromium suites (no Chromium found; set CHROMIUM to its path)\n');
});

// In full it takes minutes of a processor; every run of the tests goes the same way with fewer.
const MONITORS = isThorough ? 2000 : 300;
const WORKLOADS = isThorough ? 5000 : 400;
const SLOW = { timeout: isThorough ? 300_000 : 120_000 };
const written = (count: number): string => count.toLocaleString('en');
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });
const numbered = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

interface Operation {
  id: string;
  status: string;
  succeeded: number;
}

/** All below `/ops/` of its host: a request to any other path or host is a complaint. */
describe.skipIf(chromiumPath === null)('a large installation below a path of its host', () => {
  let app: Console;
  let cancelled: Operation;

  const get = async <Answer>(path: string): Promise<Answer> => (await (await fetch(app.url + path)).json()) as Answer;
  const operation = (id: string): Promise<Operation> => get(`/v1/operations/${id}`);
  const total = async (): Promise<number> => (await get<{ total: number }>('/api/tests?limit=1')).total;

  beforeAll(async () => {
    app = await Console.open(chromiumPath ?? '', { hasWorker: false, basePath: '/ops' });
    const monitors = numbered(MONITORS).map((index) => {
      const name = `Shop ${String(index).padStart(4, '0')}`;
      return { name, url: `http://127.0.0.1:9/shop/${index}`, interval_seconds: 3600, status: 'paused', tags: [`team-${index % 20}`] };
    });
    await post(`${app.url}/v1/import`, { format: 'tidemark', content: JSON.stringify({ version: 1, monitors }) });
    const items = numbered(WORKLOADS / 5).map((index) => ({ kind: 'report', queue: 'nightly', payload: { index } }));
    for (let batch = 0; batch < 5; batch += 1) await post(`${app.url}/v1/workloads/batch`, { items });
    cancelled = await post(`${app.url}/v1/operations`, { action: 'cancel', filter: { queue: 'nightly' } });
  });
  afterEach(() => app.closePages());
  afterAll(() => app?.[Symbol.asyncDispose]());

  test('thousands of monitors are a page of 100 rows at most, found by a few letters and gone through page by page', async () => {
    const page = await app.page('/monitors');
    const rows = page.getByRole('table', { name: /^Monitors/ }).locator('tbody tr');
    await page.getByText(`of ${written(MONITORS)} monitors`).waitFor();
    expect(await rows.count()).toBeLessThanOrEqual(100);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.waitForURL(/cursor=/);
    await expect.poll(() => page.getByRole('link', { name: 'Shop 0000', exact: true }).count()).toBe(0);
    await page.getByRole('searchbox', { name: 'Search name, address and id' }).fill('Shop 0123');
    await page.getByRole('link', { name: 'Shop 0123', exact: true }).waitFor();
    await expect.poll(() => rows.count()).toBe(1);
  });

  test('a page of monitors is resumed at once, and Undo pauses the same ones again', SLOW, async () => {
    const page = await app.page('/monitors?tag=team-7');
    await page.getByRole('checkbox', { name: 'Select all monitors on this page' }).check();
    await page.getByRole('button', { name: /^Resume \d+/ }).click();
    await page.getByText(/monitors resumed/).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(async () => (await get<{ total: number }>('/api/tests?status=active&limit=1')).total).toBe(0);
  });

  test('all that match are retried; a page that is opened again half-way tells how far it really is', SLOW, async () => {
    await expect.poll(async () => (await operation(cancelled.id)).status, { timeout: 240_000 }).toBe('completed');
    const page = await app.page('/workloads?queue=nightly&status=cancelled');
    await page.getByRole('button', { name: 'All matching' }).click();
    await page.getByRole('menuitem', { name: 'Retry all that match' }).click();
    await page
      .getByRole('dialog')
      .getByText(`${written(WORKLOADS)} workloads match`)
      .waitFor();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: `Retry ${written(WORKLOADS)} workloads` })
      .click();
    await page.waitForURL('**/activity/bulk/*');
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const bar = page.getByRole('progressbar');
    const shown = async (): Promise<number> => Number(await bar.getAttribute('aria-valuenow'));
    await expect.poll(shown).toBeGreaterThan(0);
    const before = await shown();
    await page.reload();
    await bar.waitFor();
    const after = await shown();
    expect(after).toBeGreaterThanOrEqual(before);
    expect(after).toBeLessThanOrEqual((await operation(id)).succeeded);
    await heading(page, `Done Retry ${written(WORKLOADS)} workloads`).waitFor({ timeout: 240_000 });
    await page.getByText(`${written(WORKLOADS)} done`).waitFor();
    expect((await get<{ by_status: Record<string, number> }>('/v1/stats?queue=nightly')).by_status).toMatchObject({ pending: WORKLOADS });
  });

  test('a link with its times fixed shows the same rows at the same times to somebody in another zone', async () => {
    const sender = await app.page('/workloads?queue=nightly&range=24h', { context: { timezoneId: 'Asia/Tokyo' } });
    await sender.evaluate(() => {
      Object.defineProperty(navigator, 'clipboard', {
        value: { writeText: (text: string) => Promise.resolve(void (document.title = text)) },
      });
    });
    await sender.getByRole('button', { name: 'Created: Last 24 hours' }).click();
    await sender.getByRole('button', { name: 'Copy link with these times fixed' }).click();
    await sender.getByRole('button', { name: 'Copied' }).waitFor();
    const link = new URL(await sender.title());
    const reader = await app.page(link.pathname.replace('/ops', '') + link.search, { context: { timezoneId: 'America/St_Johns' } });
    const told = /^Created: \d/;
    await reader.getByRole('button', { name: told }).waitFor();
    await reader.getByRole('button', { name: 'Time zone: Asia/Tokyo' }).waitFor();
    expect(await reader.locator('[data-live]').getAttribute('data-live')).toBe('fixed');
    const titles = (page: Page): Promise<(string | null)[]> =>
      page.locator('tbody time').evaluateAll((times) => times.map((time) => time.getAttribute('title')));
    await expect.poll(async () => (await titles(sender)).length).toBeGreaterThan(0);
    await expect.poll(() => titles(reader)).toEqual(await titles(sender));
    expect((await titles(reader))[0]).toContain('Asia/Tokyo');
    await reader.getByRole('button', { name: 'Time zone: Asia/Tokyo' }).click();
    await reader.getByRole('radio', { name: /This browser/ }).check();
    await reader.waitForURL((url) => !url.searchParams.has('tz') && url.searchParams.has('from'));
    await expect.poll(async () => (await titles(reader))[0]).toContain('America/St_Johns');
  });

  test('what is exported, wiped and taken over again is the same', SLOW, async () => {
    const page = await app.page('/settings/import-export');
    const save = async (): Promise<string> => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download YAML' }).click()]);
      return readFile(await download.path(), 'utf8');
    };
    const before = await save();
    const { items } = await get<{ items: { id: string }[] }>('/api/tests?limit=200');
    await Promise.all(items.map(({ id }) => fetch(`${app.url}/api/tests/${id}`, { method: 'DELETE' })));
    expect(await total()).toBe(MONITORS - items.length);
    await page.getByLabel('File').setInputFiles({ name: 'monitors.yaml', mimeType: 'application/yaml', buffer: Buffer.from(before) });
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText(`${items.length} monitors would be created`).waitFor();
    await page.getByRole('button', { name: 'Take over' }).click();
    await page.getByText(`${items.length} monitors created`).waitFor();
    expect(await save()).toBe(before);
  });

  test('no page logged an error or left its path', () => {
    expect(app.complaints).toEqual([]);
  });
});
