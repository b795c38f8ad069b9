import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Page } from 'playwright-core';
import { post } from './agent.ts';
import { Console, chromiumPath } from './console.ts';
import { Target } from './target.ts';

afterAll(() => {
  if (chromiumPath === null) process.stdout.write('not run: chromium suites (no Chromium found; set CHROMIUM to its path)\n');
});

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });

interface Made {
  id: string;
}
interface Run {
  run_id: string;
  passed: boolean;
}

describe.skipIf(chromiumPath === null)('watching from a browser', () => {
  let app: Console;
  let target: Target;
  let shop: Made;
  let slow: Made;
  let failed: Run;
  let outage: Made;

  const pages: Page[] = [];
  const open: Console['page'] = async (...asked) => {
    const page = await app.page(...asked);
    pages.push(page);
    return page;
  };
  // Pages that nobody looks at any more follow the server all the same.
  afterEach(() => Promise.all(pages.splice(0).map((page) => page.context().close())));

  const create = (input: object): Promise<Made> => post(`${app.url}/api/tests`, { interval_seconds: 3600, status: 'paused', ...input });
  const run = (id: string): Promise<Run> => post(`${app.url}/api/tests/${id}/run?wait=true`, {});
  const get = async <Answer>(path: string): Promise<Answer> => (await (await fetch(app.url + path)).json()) as Answer;

  beforeAll(async () => {
    app = await Console.open(chromiumPath ?? '');
    target = await Target.open();
    shop = await create({
      name: 'Shop',
      url: `${target.url}/shop`,
      public: true,
      slo_target_pct: 99,
      tags: ['prod'],
      status: 'active',
      steps: [
        { type: 'http', name: 'health', url: `${target.url}/health`, assert: [{ source: 'status', op: 'eq', value: 200 }] },
        { type: 'http', name: 'cart', url: `${target.url}/cart` },
      ],
    });
    slow = await create({
      name: 'Slow',
      url: `${target.url}/held`,
      steps: [
        { type: 'http', name: 'first', url: `${target.url}/first` },
        { type: 'http', name: 'second', url: `${target.url}/held` },
      ],
    });
    await create({ name: 'Idle', url: `${target.url}/idle` });
    await run(shop.id);
    target.status = 503;
    failed = await run(shop.id);
    target.status = 200;
    const { items } = await get<{ items: Made[] }>('/v1/outages');
    const [first] = items;
    if (first === undefined) throw new Error('a failed run opened no outage');
    outage = first;
  });
  afterAll(async () => {
    await target?.[Symbol.asyncDispose]();
    await app?.[Symbol.asyncDispose]();
  });

  test('the overview counts what is down, and each number leads to the list it counts', async () => {
    const page = await open('/');
    await page
      .getByRole('region', { name: 'Monitors' })
      .getByRole('link', { name: /^Down\s*1/ })
      .click();
    await page.waitForURL('**/monitors?state=down');
    await expect.poll(() => page.getByRole('row').filter({ hasText: 'Shop' }).count()).toBe(1);
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    await page.goto(app.url);
    await page.getByRole('listitem').filter({ hasText: 'status: expected 200, got 503' }).getByRole('link', { name: 'Shop' }).click();
    await page.waitForURL(`**/incidents/${outage.id}`);
  });

  test('the list puts what is down first, and filters by state, text and tag in the address', async () => {
    const page = await open('/monitors');
    const rows = page.getByRole('table', { name: /^Monitors/ }).locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(3);
    expect(await rows.first().innerText()).toContain('Shop');
    await rows
      .first()
      .getByRole('img', { name: /^1 of \d runs failed$/ })
      .first()
      .waitFor();
    await page.getByRole('searchbox', { name: 'Search name, address and id' }).fill('idl');
    await page.waitForURL('**/monitors?q=idl');
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByRole('button', { name: 'Remove filter “idl”' }).click();
    await page.getByRole('textbox', { name: 'Tag' }).fill('prod');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/monitors?tag=prod');
    await expect.poll(() => rows.count()).toBe(1);
    await page
      .getByRole('region', { name: 'Totals' })
      .getByRole('link', { name: /Paused/ })
      .click();
    await page.getByText('No monitor matches these filters').waitFor();
  });

  test('several are resumed at once, and Undo takes it back', async () => {
    const page = await open('/monitors?q=Idle');
    await page.getByRole('checkbox', { name: 'Select monitor Idle' }).check();
    await page.getByRole('region', { name: 'Selected monitors' }).getByRole('button', { name: 'Resume 1' }).click();
    await page.getByText('1 monitor resumed').waitFor();
    const row = page.getByRole('row').filter({ hasText: 'Idle' });
    await row.getByText('Up', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await row.getByText('Paused').waitFor();
  });

  test('an address is tried before it is saved, with conditions that fail where they do not hold', async () => {
    const page = await open('/monitors');
    await page.getByRole('link', { name: 'New monitor' }).click();
    const form = page.getByRole('dialog', { name: 'New monitor' });
    await form.getByLabel('Address', { exact: true }).first().fill('http://');
    await form.getByRole('button', { name: 'Create monitor' }).click();
    await form.locator('[aria-invalid="true"]').first().waitFor();
    await form.getByLabel('Address', { exact: true }).first().fill(`${target.url}/new`);
    await form.getByRole('button', { name: 'HTTP request step' }).click();
    await form.getByRole('button', { name: 'Add a condition' }).click();
    await form.getByLabel('Condition 2: of what').selectOption('json');
    await form.getByLabel('Condition 2: path').fill('$.user.id');
    await form.getByLabel('Condition 2: value').fill('8');
    await form.getByRole('button', { name: 'Try it' }).click();
    const trial = form.getByRole('region', { name: 'Trial' });
    await trial.getByText('Failed').first().waitFor();
    await trial.getByRole('row').filter({ hasText: '$.user.id' }).getByText('7').waitFor();
    await form.getByLabel('Condition 2: value').fill('7');
    await form.getByRole('button', { name: 'Try it' }).click();
    await trial.getByText('Passed').first().waitFor();
    expect((await get<{ total: number }>('/api/tests')).total).toBe(3);
    await form.getByLabel('Name', { exact: true }).first().fill('Made here');
    await form.getByRole('button', { name: 'Create monitor' }).click();
    await page.waitForURL('**/monitors/tst_*');
    await heading(page, /Up.*Made here/).waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('alertdialog');
    expect(await dialog.getByRole('button', { name: 'Delete monitor' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Type Made here to confirm').fill('Made here');
    await dialog.getByRole('button', { name: 'Delete monitor' }).click();
    await page.waitForURL('**/monitors');
    expect((await get<{ total: number }>('/api/tests')).total).toBe(3);
  });

  test('a file is looked at first and imported then', async () => {
    const page = await open('/monitors?panel=import');
    const drawer = page.getByRole('dialog', { name: 'Import monitors' });
    await drawer
      .getByLabel('Or its text')
      .fill(`endpoints:\n  - name: from gatus\n    url: ${target.url}\n    interval: 1h\n    conditions: ["[STATUS] == 200"]\n`);
    expect(await drawer.getByLabel('Format').inputValue()).toBe('gatus');
    await drawer.getByRole('button', { name: 'Show what would happen' }).click();
    await drawer.getByText('1 monitor new, 0 changed').waitFor();
    expect((await get<{ total: number }>('/api/tests')).total).toBe(3);
    await drawer.getByRole('button', { name: 'Import', exact: true }).click();
    const row = page.getByRole('row').filter({ hasText: 'from gatus' });
    await row.waitFor();
    const { items } = await get<{ items: Made[] }>('/api/tests?q=from gatus');
    await fetch(`${app.url}/api/tests/${items[0]?.id}`, { method: 'DELETE' });
    await row.waitFor({ state: 'detached' });
  });

  test('a monitor says since when, explains its figures, and tells each cell to the keyboard', async () => {
    const page = await open(`/monitors/${shop.id}?range=1h`);
    await heading(page, /Down\s*for .*Shop/).waitFor();
    await page.getByText('How is this computed?').click();
    await page.getByText(/^By runs: \d+ of \d+ passed/).waitFor();
    const cells = page.getByRole('slider', { name: /^Uptime/ });
    await cells.focus();
    await page.keyboard.press('End');
    expect(await cells.getAttribute('aria-valuetext')).toMatch(/%.*1 outage/);
    await page.keyboard.press('Home');
    expect(await cells.getAttribute('aria-valuetext')).toContain('before the monitor existed');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.waitForURL(/from=.*to=/);
    await page.goBack();
    const chart = page.getByRole('slider', { name: 'Response time, point in time' });
    await chart.locator('canvas').waitFor();
    await chart.focus();
    const told: string[] = [];
    for (const key of ['End', 'ArrowLeft', 'ArrowLeft']) {
      await page.keyboard.press(key);
      told.push((await chart.getAttribute('aria-valuetext')) ?? '');
    }
    expect(told.join(' | ')).toContain('Failed runs 1');
    await page.getByRole('meter', { name: 'Error budget left' }).waitFor();
  });

  test('its parts are reached by keys, paged, and an exclusion changes the figures until it is taken back', async () => {
    const page = await open(`/monitors/${shop.id}`);
    await page.getByRole('tab', { name: 'Results' }).focus();
    await page.getByLabel('Outcome').selectOption('failed');
    await page.waitForURL('**?outcome=failed');
    await page.getByRole('cell', { name: 'Step 1 failed: status: expected 200, got 503' }).waitFor();
    await page.getByRole('button', { name: 'Export' }).last().click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'As CSV' }).click()]);
    const rows = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n');
    expect(rows.map((row) => row.split(',').slice(0, 2).join())).toEqual(['run_id,passed', `${failed.run_id},false`]);
    await page.getByRole('tab', { name: 'Steps' }).click();
    await page
      .getByRole('row')
      .filter({ hasText: 'health' })
      .getByText(/^1 of \d$/)
      .waitFor();
    await page.getByRole('button', { name: 'Exclude time' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('The prober was wrong');
    await dialog.getByRole('button', { name: /^Exclude/ }).click();
    const runs = page.getByLabel('Figures').getByText('no runs');
    await runs.first().waitFor();
    await page.getByRole('tab', { name: 'Outages' }).click();
    await page.getByText('The prober was wrong').waitFor();
    await page.getByRole('button', { name: 'Count it again' }).click();
    await runs.first().waitFor({ state: 'detached' });
  });

  test('the definition is edited, and an alert policy is tried on what was recorded', async () => {
    const page = await open(`/monitors/${slow.id}?tab=configuration`);
    await page.getByText('By cron', { exact: true }).click();
    await page.getByLabel('In the time zone').fill('Europe/Berlin');
    await page.getByLabel('Cron expression').fill('30 8 * * 1-5');
    await page.getByText('At 08:30, Monday through Friday, Europe/Berlin.').waitFor();
    await page.getByText(/^Next: .*, .*, .* UTC\.$/).waitFor();
    await page.getByLabel('Cron expression').fill('30 8 * *');
    await page.getByText('Monday through Friday').waitFor({ state: 'detached' });
    await page.getByText('At an interval', { exact: true }).click();
    await page.getByLabel('Seconds between runs').fill('7200');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('every 2 h').waitFor();
    await page.getByText('As YAML').click();
    await page.getByRole('region', { name: 'Configuration as YAML' }).getByText('interval_seconds: 7200').waitFor();
    await page.goto(`${app.url}/monitors/${shop.id}?tab=alerts`);
    await page.getByLabel('Failed runs that open an outage').fill('2');
    await page.getByRole('button', { name: 'Try it on the last 7 days' }).click();
    await page.getByRole('row', { name: /^As written here\s*0/ }).waitFor();
    await page.getByRole('row', { name: /^As saved\s*1/ }).waitFor();
  });

  test('a finished run shows each condition with what was expected and what came, and what was not run', async () => {
    const page = await open(`/monitors/${shop.id}/runs/${failed.run_id}`);
    await heading(page, /Failed/).waitFor();
    const row = page.getByRole('row').filter({ hasText: 'status' });
    expect(await row.innerText()).toMatch(/200\s+503/);
    await page.getByRole('listitem').filter({ hasText: 'cart' }).getByText('Not run', { exact: true }).waitFor();
    await page.getByRole('log', { name: 'Output lines' }).getByText('Step 1 failed: status: expected 200, got 503').first().waitFor();
  });

  test('a run is followed live through a network that breaks: no step is missed or doubled, and its end is shown truthfully', async () => {
    target.hold();
    const page = await open(`/monitors/${slow.id}`, { isCut: true });
    await page.getByRole('button', { name: 'Run now' }).click();
    await page.waitForURL('**/runs/run_*');
    const steps = page.getByRole('region', { name: 'Steps' }).getByRole('listitem');
    await expect.poll(() => steps.allInnerTexts().then((texts) => texts.map((text) => text.split(':')[0]))).toEqual(['Passed', 'Running']);
    app.relay.cut();
    await page.locator('[data-live="connecting"]').waitFor();
    target.release();
    const runId = new URL(page.url()).pathname.split('/').at(-1);
    await vi.waitFor(async () => expect((await fetch(`${app.url}/api/tests/${slow.id}/results/${runId}`)).status).toBe(200), {
      timeout: 60_000,
      interval: 100,
    });
    app.relay.restore();
    await heading(page, /Passed/).waitFor();
    expect(await steps.allInnerTexts().then((texts) => texts.map((text) => text.split(':')[0]))).toEqual(['Passed', 'Passed']);
    const log = await page.getByRole('log', { name: 'Output lines' }).innerText();
    expect(log.match(/Step 2 passed/g)).toHaveLength(1);
  });

  test('a list that is paused stands still while runs end, and catches up when it is resumed', async () => {
    const page = await open(`/monitors/${slow.id}`);
    const count = page.getByRole('status').filter({ hasText: /^\d+ runs?$/ });
    const before = await count.innerText();
    await page.getByRole('button', { name: 'Pause live updates' }).click();
    await run(slow.id);
    await page.locator('[data-live="paused"]').getByText(/new/).waitFor();
    expect(await count.innerText()).toBe(before);
    await page.getByRole('button', { name: 'Resume live updates' }).click();
    await expect.poll(() => count.innerText()).not.toBe(before);
  });

  test('an outage is acknowledged, muted and resolved, with its course and its failing run on one page', async () => {
    const page = await open('/incidents');
    await heading(page, '1 outage goes on').waitFor();
    await page.getByRole('link', { name: 'Shop' }).click();
    await heading(page, /Open\s*Shop/).waitFor();
    await page.getByText('Outage confirmed').waitFor();
    await page.getByText('Nobody was told: the alert policy names no channel.').waitFor();
    await page.getByRole('region', { name: 'Last failed run' }).getByText('health').waitFor();
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await heading(page, /Acknowledged/).waitFor();
    await page.getByText(/^Acknowledged by/).waitFor();
    await page.getByRole('button', { name: 'Mute' }).click();
    await page.getByRole('menuitem', { name: 'For an hour' }).click();
    await page.getByRole('button', { name: 'Unmute' }).waitFor();
    await page.getByRole('button', { name: 'Resolve' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Resolve' }).click();
    await heading(page, /Resolved/).waitFor();
    await page.getByText('Resolved by a person').waitFor();
  });

  test('an outage that opens and ends while the list is open appears and changes by itself', async () => {
    const page = await open('/incidents');
    await heading(page, 'Nothing is down').waitFor();
    target.status = 500;
    await run(shop.id);
    await heading(page, '1 outage goes on').waitFor();
    target.status = 200;
    await run(shop.id);
    await heading(page, 'Nothing is down').waitFor();
    await expect.poll(() => page.getByRole('row').filter({ hasText: 'Resolved' }).count()).toBe(2);
  });

  test('the public page shows what is marked public without an address or an error, says its zone, and offers badges', async () => {
    const page = await open('/status');
    await heading(page, 'Everything is up').waitFor();
    await page.getByText('Days begin at midnight UTC').waitFor();
    expect(
      await page
        .getByRole('listitem')
        .filter({ has: page.getByRole('heading', { level: 2 }) })
        .count(),
    ).toBe(1);
    expect(await page.locator('main').innerText()).not.toContain('127.0.0.1');
    const days = page.getByRole('slider', { name: 'Shop, last 90 days' });
    await days.focus();
    await page.keyboard.press('End');
    expect(await days.getAttribute('aria-valuetext')).toMatch(/\(UTC\): [\d.]+ % of \d+ runs passed/);
    await page.getByText('Badges').click();
    const badge = page.getByRole('img', { name: 'uptime of Shop' });
    await badge.waitFor();
    await expect.poll(() => badge.evaluate((image) => (image instanceof HTMLImageElement ? image.naturalWidth : 0))).toBeGreaterThan(50);
    expect(await page.getByRole('navigation', { name: 'Main' }).count()).toBe(0);
  });

  test('keys and the palette lead to monitors and incidents', async () => {
    const page = await open('/');
    await heading(page, /./).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.waitForURL('**/monitors');
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    await page.waitForURL('**/incidents');
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder(/^Page, monitor/).fill('Slow');
    await page.getByRole('option', { name: 'Slow', exact: true }).click();
    await page.waitForURL(`**/monitors/${slow.id}`);
  });

  test('no page logged an error or asked another origin', () => {
    expect(app.complaints).toEqual([]);
  });
});
