import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Page } from 'playwright-core';
import { Agent, post } from './agent.ts';
import { choose } from './choose.ts';
import { Console, chromiumPath } from './console.ts';

afterAll(() => {
  if (chromiumPath === null) process.stdout.write('not run: chromium suites (no Chromium found; set CHROMIUM to its path)\n');
});

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });
const chart = (page: Page, name: string) => page.getByRole('slider', { name });

interface Points {
  points: { bucket_start: string; completed: number; failed: number; cancelled: number }[];
}

describe.skipIf(chromiumPath === null)('operating from a browser', () => {
  let app: Console;
  let scanner: Agent;
  let job: { job_id: string; lease_epoch: number };
  let pulse: NodeJS.Timeout;
  const ids: string[] = [];
  /** Looks at the list of workers from before one of them is killed until the last test. */
  let watcher: Page;
  let orphan: { id: string };
  beforeAll(async () => {
    app = await Console.open(chromiumPath ?? '');
    scanner = await Agent.register(app, { name: 'scan-1', kind: 'keyscan' });
    await app.submit({ kind: 'keyscan', payload: {} });
    job = await scanner.claim();
    // On a slow machine a lease would run out before the page that shows it is opened.
    pulse = setInterval(() => void scanner.beat([job]).catch(() => undefined), 3000);
    for (let index = 1; index <= 3; index += 1) await scanner.checkpoint(job, { keys: 2000, done: 2000 * index, total: 60_000 });
    for (let index = 0; index < 25; index += 1) ids.push((await app.submit({ kind: 'report', queue: 'nightly', payload: { index } })).id);
    const { id } = await app.submit({ kind: 'command', payload: { command: 'exit 3' } });
    await vi.waitFor(async () => expect(await app.statusOf(id)).toBe('failed'), { timeout: 60_000 });
    watcher = await killOne();
  });
  afterEach(() => app.closePages(watcher));
  afterAll(() => {
    clearInterval(pulse);
    return app?.[Symbol.asyncDispose]();
  });

  /** A real agent is killed in the middle of its work while a page looks on and notes each state it shows. */
  const killOne = async (): Promise<Page> => {
    const doomed = await app.startWorker('doomed', ['--queues', 'fragile']);
    orphan = await app.submit({ kind: 'command', queue: 'fragile', payload: { command: 'sleep 600' } });
    await vi.waitFor(async () => expect(await app.statusOf(orphan.id)).toBe('running'), { timeout: 60_000 });
    const page = await app.page('/workers');
    const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'doomed' }) });
    await row.getByText('Online').waitFor();
    await page.evaluate(() => {
      const { body } = document;
      const note = (): void => {
        const text = [...body.querySelectorAll('tr')].map((line) => line.textContent).find((said) => said.includes('doomed'));
        const [word] = /Online|Late|Lost/.exec(text ?? '') ?? [];
        const seen = body.dataset['seen'] ?? '';
        if (word !== undefined && !seen.endsWith(word)) body.dataset['seen'] = `${seen} ${word}`;
      };
      note();
      new MutationObserver(note).observe(body, { subtree: true, childList: true, characterData: true });
    });
    doomed.kill('SIGKILL');
    return page;
  };

  const series = async (): Promise<Points> => (await (await fetch(`${app.url}/v1/stats/series`)).json()) as Points;

  test('a chart tells each of its points to the keyboard, and the same in its table and its file', async () => {
    const page = await app.page('/?range=1h');
    const slider = chart(page, 'Finished workloads, point in time');
    await slider.locator('canvas').waitFor();
    await slider.focus();
    await page.keyboard.press('End');
    const ended = (await series()).points.reduce((sum, point) => sum + point.failed, 0);
    expect(ended).toBe(1);
    const told: string[] = [];
    for (let step = 0; step < 5; step += 1) {
      told.push((await slider.getAttribute('aria-valuetext')) ?? '');
      await page.keyboard.press('ArrowLeft');
    }
    expect(told.filter((text) => text.includes('Failed 1, Cancelled 0, Completed 0'))).toHaveLength(1);
    await page.getByRole('button', { name: 'Show Finished workloads as a table' }).click();
    const table = page.getByRole('region', { name: 'Finished workloads as a table' });
    expect(
      await table
        .getByRole('row')
        .filter({ hasText: /1\s*0\s*0$/ })
        .count(),
    ).toBe(1);
    await page.getByRole('button', { name: 'Export Finished workloads' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Download CSV' }).click()]);
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n');
    expect(lines[0]).toBe('time_utc,failed,cancelled,completed');
    expect(lines.filter((line) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z,1,0,0$/.test(line))).toHaveLength(1);
  });

  test('a stretch chosen by keys or by the mouse becomes the range of the address, and Back undoes it', async () => {
    const page = await app.page('/workloads');
    const slider = chart(page, 'Finished workloads, point in time');
    await slider.locator('canvas').waitFor();
    await slider.focus();
    await page.keyboard.press('End');
    for (let step = 0; step < 4; step += 1) await page.keyboard.press('Shift+ArrowLeft');
    await page.getByRole('button', { name: 'Zoom to selection' }).click();
    await page.waitForURL(/from=.*to=/);
    const chosen = new URL(page.url()).searchParams;
    const minutes = (Date.parse(chosen.get('to') ?? '') - Date.parse(chosen.get('from') ?? '')) / 60_000;
    expect(minutes).toBe(5);
    await page.goBack();
    await page.waitForURL((url) => url.search === '');
    const box = await slider.boundingBox();
    if (box === null) throw new Error('the chart is not drawn');
    await page.mouse.move(box.x + box.width * 0.4, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/from=.*to=/);
    await expect.poll(() => page.locator('[data-live]').getAttribute('data-live')).toBe('fixed');
  });

  test('a range is typed, and the axis follows the chosen zone', async () => {
    const page = await app.page('/', { preferences: { zone: 'Asia/Tokyo' } });
    await page.getByRole('button', { name: 'Time of the charts: Last 24 hours' }).click();
    await page.getByLabel('Type a range').fill('soon');
    await page.keyboard.press('Enter');
    await page.getByText('Write it like 90m').waitFor();
    await page.getByLabel('Type a range').fill('90m');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/?range=90m');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Show Finished workloads as a table' }).click();
    await page.getByRole('columnheader', { name: 'Start (Asia/Tokyo)' }).waitFor();
    const { points } = await series();
    const last = points.at(-1);
    const inTokyo = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Tokyo', hour: '2-digit', minute: '2-digit' });
    const expected = inTokyo.format(Date.parse(last?.bucket_start ?? ''));
    await page.getByRole('rowheader', { name: expected }).first().waitFor();
  });

  test('a chart whose reading fails keeps its drawing and says how old it is', async () => {
    const page = await app.page('/workloads?kind=command', { isCut: true });
    await chart(page, 'Finished workloads, point in time').locator('canvas').waitFor();
    app.relay.cut();
    await page.getByRole('button', { name: /^Created/ }).click();
    await page.getByRole('button', { name: 'Last 6 hours' }).click();
    await page
      .getByText(/Showing data from|could not be read/)
      .first()
      .waitFor();
    expect(await chart(page, 'Finished workloads, point in time').locator('canvas').count()).toBe(1);
    app.relay.restore();
  });

  test('a worker shows how fast it goes, where it reported nothing, and what it holds', async () => {
    const page = await app.page(`/workers/${scanner.id}`);
    await page.getByText(/6,000 keys/).waitFor();
    await page.getByText('A gap is a time without a report').waitFor();
    await page.getByRole('button', { name: 'Show Throughput as a table' }).click();
    const table = page.getByRole('region', { name: 'Throughput as a table' });
    expect(await table.getByRole('row').filter({ hasText: '2,000/s' }).count()).toBeGreaterThan(0);
    expect(await table.getByRole('row').filter({ hasText: '—' }).count()).toBeGreaterThan(50);
    await page.getByRole('region', { name: 'Workloads this worker holds' }).getByRole('cell', { name: 'keyscan' }).waitFor();
    await page.getByRole('region', { name: 'Reports' }).getByText('Checkpoint').first().waitFor();
  });

  test('a workload that states its total says when it will be done', async () => {
    const page = await app.page(`/workloads/${job.job_id}`);
    await page.getByText(/About .* left, done/).waitFor();
  });

  test('a worker is drained after a question, resumed, quarantined, and forgotten once it has stopped', async () => {
    const other = await Agent.register(app, { name: 'spare', kind: 'nothing' });
    const page = await app.page(`/workers/${other.id}`);
    await page.getByRole('button', { name: 'Drain' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Drain' }).click();
    await heading(page, /Draining/).waitFor();
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await heading(page, /Online/).waitFor();
    await page.getByRole('button', { name: 'Quarantine' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Quarantine' }).click();
    await heading(page, /Quarantined/).waitFor();
    await other.beat([], true);
    await page.getByRole('button', { name: 'Forget' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Forget worker' }).click();
    await page.waitForURL('**/workers');
    await expect.poll(() => page.getByRole('link', { name: 'spare' }).count()).toBe(0);
    await page.getByRole('navigation', { name: 'Main' }).first().getByRole('link', { name: 'Activity' }).click();
    await page.getByRole('listitem').filter({ hasText: 'Forgotten' }).getByText('spare').waitFor();
  });

  test('a queue is paused, taken back, and limited', async () => {
    const page = await app.page('/queues');
    const row = page.getByRole('row').filter({ hasText: 'nightly' });
    await row.getByRole('link', { name: /^25 workloads pending/ }).waitFor();
    await page.getByRole('button', { name: 'Pause nightly' }).click();
    await row.getByText('Paused').first().waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await row.getByText('Open').waitFor();
    await page.getByRole('link', { name: 'Edit limits of nightly' }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel('Running at once', { exact: true }).fill('-1');
    await drawer.getByRole('button', { name: 'Save limits' }).click();
    await drawer.locator('[aria-invalid="true"]').waitFor();
    await drawer.getByLabel('Running at once', { exact: true }).fill('3');
    await drawer.getByLabel('Starts per minute').fill('90');
    await drawer.getByRole('button', { name: 'Save limits' }).click();
    await row.getByText('90 starts a minute').waitFor();
    await row.getByText('0 of 3').waitFor();
  });

  test('all that match are cancelled after a preview and a typed number, each with its result, and queued again by Undo', async () => {
    const page = await app.page('/workloads?queue=nightly');
    await page.getByRole('button', { name: 'All matching' }).click();
    await page.getByRole('menuitem', { name: 'Cancel all that match' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('25 workloads match').waitFor();
    const go = dialog.getByRole('button', { name: 'Cancel 25 workloads' });
    expect(await go.isDisabled()).toBe(true);
    await dialog.getByLabel('Type 25 to confirm').fill('25');
    await go.click();
    await page.waitForURL('**/activity/bulk/*');
    await heading(page, /Done\s*Cancel 25 workloads/).waitFor();
    await page.getByText('25 done').waitFor();
    await expect.poll(() => page.getByRole('cell', { name: 'Done' }).count()).toBe(25);
    expect(await Promise.all(ids.map((id) => app.statusOf(id)))).toEqual(ids.map(() => 'cancelled'));
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Queue 25 workloads again' }).click();
    await heading(page, /Done\s*Retry 25 workloads/).waitFor();
    expect(await Promise.all(ids.map((id) => app.statusOf(id)))).toEqual(ids.map(() => 'pending'));
  });

  test('the palette finds a worker by a few letters and goes there by keyboard alone', async () => {
    const page = await app.page('/');
    await heading(page, /./).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('scan-1');
    await choose(page, 'scan-1');
    await page.waitForURL(`**/workers/${scanner.id}`);
  });

  test('keys lead to pages, leave typing alone, and can be switched off', async () => {
    const page = await app.page('/');
    await heading(page, /./).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('q');
    await page.waitForURL('**/queues');
    await page.keyboard.press('?');
    await page.getByRole('checkbox', { name: 'Single-key shortcuts' }).uncheck();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.keyboard.press('g');
    await page.keyboard.press('w');
    await page.keyboard.press('Control+k');
    const field = page.getByRole('combobox');
    await field.pressSequentially('gw?');
    expect(await field.inputValue()).toBe('gw?');
    expect(new URL(page.url()).pathname).toBe('/queues');
  });

  test('filters are kept under a name and come back with it', async () => {
    const page = await app.page('/workloads?status=failed&kind=command');
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByLabel('Save these filters as').fill('Broken commands');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.goto(`${app.url}/workloads`);
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('button', { name: 'Broken commands', exact: true }).click();
    await page.waitForURL('**/workloads?status=failed&kind=command');
    await page.getByRole('button', { name: 'Views: Broken commands' }).click();
    await page.getByRole('button', { name: 'Remove view Broken commands' }).click();
    await page.getByRole('button', { name: 'Views', exact: true }).waitFor();
  });

  test(
    'a worker that was killed is late, then lost, and its work is flagged, with no page loaded again',
    { timeout: 150_000 },
    async () => {
      const row = watcher.getByRole('row').filter({ has: watcher.getByRole('link', { name: 'doomed' }) });
      await row.getByText('Lost', { exact: true }).waitFor({ timeout: 120_000 });
      expect(await watcher.locator('body').getAttribute('data-seen')).toBe(' Online Late Lost');
      await watcher
        .getByRole('region', { name: 'Totals' })
        .getByRole('link', { name: /^Lost\s*[1-9]/ })
        .waitFor();
      await watcher.getByRole('navigation', { name: 'Main' }).first().getByRole('link', { name: 'Overview' }).click();
      await watcher.getByRole('listitem').filter({ hasText: 'doomed' }).getByText('Lost').waitFor();
      const work = await app.page(`/workloads/${orphan.id}`);
      await heading(work, /Worker lost/).waitFor();
    },
  );

  test('a note on an outage appears in its course on every open page, also when it is over, and its author changes and deletes it', async () => {
    const made = await post<{ id: string; ping_key: string }>(`${app.url}/api/tests`, {
      name: 'Backup',
      type: 'heartbeat',
      interval_seconds: 86_400,
    });
    await post(`${app.url}/api/heartbeats/${made.ping_key}`, { status: 'fail' });
    await post(`${app.url}/api/heartbeats/${made.ping_key}`, {});
    const { items } = (await (await fetch(`${app.url}/api/tests/${made.id}/outages`)).json()) as { items: { id: string }[] };
    const path = `/incidents/${items[0]?.id}`;
    const [page, phone] = [await app.page(path), await app.page(path, { context: { viewport: { width: 360, height: 780 } } })];
    await heading(page, /Resolved\s*Backup/).waitFor();
    const course = page.getByRole('region', { name: 'What happened' });
    await course.getByLabel('Add a note').fill('Half a thought');
    await page.getByRole('link', { name: 'Other outages of Backup' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Keep editing' }).click();
    expect(await course.getByLabel('Add a note').inputValue()).toBe('Half a thought');
    await course.getByLabel('Add a note').fill('The provider confirms it.\nBack at 14:00.');
    await course.getByRole('button', { name: 'Add note' }).click();
    const note = course.getByRole('article', { name: 'Note of Somebody' });
    await note.getByText('Back at 14:00.').waitFor();
    expect(await course.getByLabel('Add a note').inputValue()).toBe('');
    expect((await course.getByRole('listitem').allInnerTexts()).at(-1)).toContain('The provider confirms it.');
    const seen = phone.getByRole('article', { name: 'Note of Somebody' });
    await seen.getByText('Back at 14:00.').waitFor();
    expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await note.getByRole('button', { name: 'Edit the note of Somebody' }).click();
    await note.getByLabel('Text of the note').fill('It was the provider.');
    await page.keyboard.press('Control+Enter');
    await note.getByText('edited').waitFor();
    await seen.getByText('It was the provider.').waitFor();
    await phone.getByRole('button', { name: 'Delete the note of Somebody' }).click();
    await phone.getByRole('alertdialog').getByRole('button', { name: 'Delete note' }).click();
    await seen.waitFor({ state: 'detached' });
    await note.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Other outages of Backup' }).click();
    await page.waitForURL('**/incidents?monitor=*');
  });

  test('the log of activity begins with the newest, goes back page by page, and takes in what happens unless it is paused', async () => {
    const filler = await Agent.register(app, { name: 'filler', kind: 'fill' });
    for (let time = 0; time < 35; time += 1) {
      await post(`${app.url}/v1/workers/${filler.id}/quarantine`, {});
      await post(`${app.url}/v1/workers/${filler.id}/unquarantine`, {});
    }
    const page = await app.page('/activity');
    const rows = page.getByRole('list', { name: 'What happened to workers, the latest first' }).getByRole('listitem');
    const placeOf = async (name: string): Promise<number> => (await rows.allInnerTexts()).findIndex((text) => text.includes(name));
    await expect.poll(() => rows.count()).toBe(60);
    expect(await placeOf('web-test')).toBe(-1);
    await page.getByRole('button', { name: 'Older' }).click();
    await page.waitForURL('**/activity?cursor=*');
    await rows.filter({ hasText: 'web-test' }).first().waitFor();
    expect(await rows.last().innerText()).toContain('web-test');
    await page.getByRole('button', { name: 'Newer' }).click();
    await expect.poll(() => rows.count()).toBe(60);
    await Agent.register(app, { name: 'newcomer', kind: 'fill' });
    await rows.filter({ hasText: 'newcomer' }).waitFor();
    expect(await placeOf('newcomer')).toBeLessThan(5);
    await page.getByRole('button', { name: 'Pause live updates' }).click();
    await Agent.register(app, { name: 'latecomer', kind: 'fill' });
    await page.locator('[data-live="paused"]').getByText(/new/).waitFor();
    expect(await placeOf('latecomer')).toBe(-1);
    await page.getByRole('button', { name: 'Resume live updates' }).click();
    await rows.filter({ hasText: 'latecomer' }).waitFor();
  });

  test('a form that nobody edits follows what is saved elsewhere, and keeps the edits of somebody who does', async () => {
    const allow = async (...hosts: string[]): Promise<void> => {
      const init = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ allow: hosts }) };
      expect((await fetch(`${app.url}/v1/settings/egress`, init)).status).toBe(200);
    };
    const page = await app.page('/settings/system');
    const field = page.getByRole('textbox', { name: 'Monitors and notices may also reach' });
    // What a person does who looks away and comes back.
    const lookAgain = (): Promise<unknown> => page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
    const afterLook = async (read: () => Promise<unknown>): Promise<unknown> => {
      await lookAgain();
      return read();
    };
    await expect.poll(() => field.inputValue()).toBe('');
    await allow('first.example');
    await expect.poll(() => afterLook(() => field.inputValue())).toBe('first.example');
    await field.fill('mine.example');
    await allow('second.example');
    const warning = page.getByText('This was changed elsewhere while you edited it');
    await expect.poll(() => afterLook(() => warning.count())).toBe(1);
    expect(await field.inputValue()).toBe('mine.example');
    await page.getByRole('button', { name: 'Take what is saved' }).click();
    expect(await field.inputValue()).toBe('second.example');
    await field.fill('last.example');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('It holds from the next run or notice on.').waitFor();
    expect(await warning.count()).toBe(0);
    expect(await field.inputValue()).toBe('last.example');
    await allow();
  });

  test('no page logged an error or asked another origin', () => {
    expect(app.complaints).toEqual([]);
  });
});
