import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { post } from './agent.ts';
import { Console, chromiumPath, downloadOutput } from './console.ts';
import { axe } from './violations.ts';

afterAll(() => {
  if (chromiumPath === null) process.stdout.write('not run: chromium suites (no Chromium found; set CHROMIUM to its path)\n');
});

const countTo = (count: number, pause = '0.05'): string => `for i in $(seq 1 ${count}); do echo line $i; sleep ${pause}; done`;
const linesTo = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('');
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });
const indicator = (page: Page) => page.locator('[data-live]');

describe.skipIf(chromiumPath === null)('the console in a browser', () => {
  let app: Console;
  beforeAll(async () => {
    app = await Console.open(chromiumPath ?? '');
    for (let index = 1; index <= 6; index += 1)
      await app.submit({ kind: 'command', payload: { command: `echo ${index}` }, labels: { team: 'data' } });
    await app.submit({ kind: 'command', payload: { command: 'echo broken >&2; exit 3' } });
    await app.submit({ kind: 'report', queue: 'nightly', payload: {} });
  });
  afterAll(() => app?.[Symbol.asyncDispose]());

  test('a first visitor runs a command from the page and reads its output', async () => {
    const page = await app.page('/workloads');
    await page.getByRole('link', { name: 'Submit' }).click();
    await page.getByLabel('Shell line', { exact: true }).last().fill('echo from the page');
    await page.getByRole('button', { name: 'Submit workload' }).click();
    await heading(page, /Completed/).waitFor();
    await page.getByText('from the page', { exact: true }).waitFor();
    expect(await downloadOutput(page)).toBe('from the page\n');
  });

  test('the form names the field that does not fit and submits nothing', async () => {
    const page = await app.page('/workloads?panel=new');
    await page.getByLabel('Attempts at most').fill('0');
    await page.getByRole('button', { name: 'Submit workload' }).click();
    await page.getByText('Say what to run.').waitFor();
    expect(await page.locator('[aria-invalid="true"]').count()).toBe(2);
    expect(new URL(page.url()).searchParams.get('panel')).toBe('new');
  });

  test('a running workload shows all earlier output first, and then what follows', async () => {
    const { id } = await app.submit({ kind: 'command', payload: { command: countTo(60) } });
    await expect.poll(() => app.statusOf(id)).toBe('running');
    const page = await app.page(`/workloads/${id}`);
    await page.getByText('line 60', { exact: true }).waitFor();
    await heading(page, /Completed/).waitFor();
    expect(await downloadOutput(page)).toBe(linesTo(60));
  });

  /** Opens the page of a command that counts to `lines`, over a network that can be cut, once its first lines are there. */
  async function watchRun(lines: number): Promise<{ id: string; page: Page }> {
    const { id } = await app.submit({ kind: 'command', payload: { command: countTo(lines) } });
    const page = await app.page(`/workloads/${id}`, { isCut: true });
    await page
      .getByText(/^line \d+$/)
      .first()
      .waitFor();
    return { id, page };
  }

  async function goOffline(page: Page): Promise<void> {
    await page.context().setOffline(true);
    await page.getByRole('alert').getByText('The server cannot be reached.').waitFor();
  }

  test('a network that is cut during a run costs no line and doubles none, and the page says so', async () => {
    const { id, page } = await watchRun(120);
    app.relay.cut();
    await expect.poll(() => indicator(page).getAttribute('data-live')).not.toBe('live');
    await expect.poll(() => app.statusOf(id)).toBe('completed');
    expect(await heading(page, /Completed/).count()).toBe(0);
    app.relay.restore();
    await heading(page, /Completed/).waitFor();
    await page.getByText('line 120', { exact: true }).waitFor();
    expect(await downloadOutput(page)).toBe(linesTo(120));
  });

  test('a connection that leads nowhere is given up, and the page goes on over another', async () => {
    const { page } = await watchRun(60);
    await goOffline(page);
    const swallowed = app.relay.silence(/watchMany/);
    await page.context().setOffline(false);
    await swallowed;
    app.relay.restore();
    await page.getByText('line 60', { exact: true }).waitFor();
    await heading(page, /Completed/).waitFor();
    expect(await downloadOutput(page)).toBe(linesTo(60));
  });

  test('an offline browser says so at once and goes on where it stopped', async () => {
    const { page } = await watchRun(150);
    await goOffline(page);
    expect(await indicator(page).getAttribute('data-live')).toBe('offline');
    await page.context().setOffline(false);
    await page.getByText('line 150', { exact: true }).waitFor();
    expect(await downloadOutput(page)).toBe(linesTo(150));
  });

  test('a paused page does not change, counts what it holds back, and catches up', async () => {
    const page = await app.page('/workloads');
    await page.getByRole('button', { name: 'Pause live updates' }).click();
    const before = await page.getByRole('navigation', { name: 'Workloads by status' }).innerText();
    await app.submit({ kind: 'command', payload: { command: 'true' } });
    await page.getByText(/Paused · \d+ new/).waitFor();
    expect(await page.getByRole('navigation', { name: 'Workloads by status' }).innerText()).toBe(before);
    expect(await page.getByRole('button', { name: /new – show/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Resume live updates' }).click();
    await page.getByRole('button', { name: '1 new – show' }).waitFor();
  });

  test('new rows wait for consent while the rows shown are updated in place', async () => {
    const { id } = await app.submit({ kind: 'command', payload: { command: countTo(30) } });
    const page = await app.page('/workloads');
    await expect.poll(() => indicator(page).getAttribute('data-live')).toBe('live');
    const first = page.getByRole('row').nth(1);
    expect(await first.getByRole('link').first().getAttribute('href')).toBe(`/workloads/${id}`);
    const later = await app.submit({ kind: 'command', payload: { command: 'true' } });
    await page.getByRole('button', { name: '1 new – show' }).waitFor();
    await first.getByText('Completed').waitFor();
    expect(await first.getByRole('link').first().getAttribute('href')).toBe(`/workloads/${id}`);
    await page.getByRole('button', { name: '1 new – show' }).click();
    await page.locator(`tr a[href="/workloads/${later.id}"]`).waitFor();
  });

  test('filters live in the address and come back with it', async () => {
    const page = await app.page('/workloads');
    await page.getByRole('combobox', { name: 'Status' }).selectOption('failed');
    await page.waitForURL('**/workloads?status=failed');
    await page.getByText('The command exited with code 3').waitFor();
    const copy = await app.page('/workloads?status=failed&label=team%3Dnobody');
    await copy.getByText('No workload matches these filters').waitFor();
    await copy.getByRole('button', { name: 'Show all workloads' }).click();
    await copy.waitForURL((url) => url.search === '');
  });

  test('an address with a wrong filter is read without it, and the page says which', async () => {
    const page = await app.page('/workloads?status=odd&queue=nightly');
    await page.getByText(/was read without it: status/).waitFor();
    await page.getByRole('cell', { name: 'report' }).waitFor();
  });

  test('selected workloads are cancelled together after a question that names how many', async () => {
    const { id } = await app.submit({ kind: 'report', queue: 'later', payload: {} });
    const page = await app.page('/workloads?queue=later');
    await page.getByRole('checkbox', { name: `Select workload ${id}` }).check();
    await page.getByRole('button', { name: 'Cancel 1' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel 1 workload' }).click();
    await expect.poll(() => app.statusOf(id)).toBe('cancelled');
  });

  test('a failed workload shows its cause and can be retried from its page', async () => {
    const { id } = await app.submit({ kind: 'command', payload: { command: 'echo tried; exit 4' } });
    const page = await app.page(`/workloads/${id}`);
    await page.getByText('The command exited with code 4').first().waitFor();
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('region', { name: 'Attempts', exact: true }).getByRole('cell', { name: '2', exact: true }).waitFor();
    await page.getByText('started again, attempt 1').waitFor();
    await page.getByText('tried', { exact: true }).nth(1).waitFor();
    expect(await downloadOutput(page)).toBe('tried\n— started again, attempt 1 —\ntried\n');
  });

  test('the chosen time zone is used and remembered', async () => {
    const page = await app.page('/workers');
    await page.getByRole('link', { name: 'web-test' }).click();
    await page.getByRole('button', { name: /Time zone/ }).click();
    await page.getByRole('searchbox', { name: 'Show times in' }).fill('tokyo');
    await page.getByRole('radio', { name: 'Asia/Tokyo' }).check();
    await page.keyboard.press('Escape');
    await page.reload();
    await page.getByRole('button', { name: 'Time zone: Asia/Tokyo' }).waitFor();
    await page.getByText('Registered').waitFor();
    await page.locator('dt:text-is("Registered") + dd button').hover();
    await page.getByText('Asia/Tokyo').first().waitFor();
  });

  test('the keyboard reaches the content first, and the focus follows a navigation', async () => {
    const page = await app.page('/');
    await heading(page, /./).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
    await page.getByRole('navigation', { name: 'Main' }).first().getByRole('link', { name: 'Workers' }).click();
    await heading(page, 'Workers').waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  test('what failed of one cause is one line of the overview, and its number leads to the list of just those', async () => {
    for (const code of [5, 6]) {
      const { id } = await app.submit({ kind: 'command', payload: { command: `exit ${code}` } });
      await expect.poll(() => app.statusOf(id)).toBe('failed');
    }
    const page = await app.page('/');
    const row = page
      .getByRole('region', { name: 'Needs attention' })
      .getByRole('listitem')
      .filter({ hasText: 'The command exited with code' });
    const count = Number.parseInt((await row.getByRole('link').first().innerText()).trim(), 10);
    expect(await row.count()).toBe(1);
    expect(count).toBeGreaterThan(1);
    await row.getByRole('link').first().click();
    await page.waitForURL(/cause=The\+command\+exited\+with\+code\+%3Cn%3E/);
    await expect.poll(() => page.locator('tbody tr').count()).toBe(count);
  });

  test('a fresh page asks each question once and breaks none off, and asks again after its connection was lost', async () => {
    const context = await app.context();
    const page = await context.newPage();
    const asked: string[] = [];
    const broken: string[] = [];
    const begun = new Set<unknown>();
    page.on('response', (response) => void begun.add(response.request()));
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (!pathname.startsWith('/trpc/')) return;
      const inputs = JSON.parse(searchParams.get('input') ?? '{}') as Record<string, unknown>;
      for (const [index, name] of pathname.slice('/trpc/'.length).split(',').entries())
        asked.push(`${name} ${JSON.stringify(inputs[index])}`);
    });
    // The browser calls an answer aborted, too, of which a script has read the last line; and the live connection is made anew for another stream.
    page.on('requestfailed', (request) => {
      if (!begun.has(request) && !request.url().includes('events.watchMany')) broken.push(request.url());
    });
    // What is asked because of events and of the live connection; the rest is asked again every few seconds.
    const driven = (): string[] => asked.filter((question) => /^workloads\.(stats|series|list|causes) /.test(question));
    await page.goto(`${app.relay.url}/`);
    await expect.poll(() => indicator(page).getAttribute('data-live')).toBe('live');
    await heading(page, /attention|down|lost|failed/).waitFor();
    expect(asked.filter((question) => question.startsWith('session.get '))).toHaveLength(1);
    // What the connection would have had asked again is asked before this.
    await page.getByRole('navigation', { name: 'Main' }).first().getByRole('link', { name: 'Activity' }).click();
    await heading(page, 'Activity').waitFor();
    expect(driven().length).toBeGreaterThanOrEqual(5);
    expect(driven()).toEqual([...new Set(driven())]);
    expect(broken).toEqual([]);
    app.relay.cut();
    await expect.poll(() => indicator(page).getAttribute('data-live')).not.toBe('live');
    const before = driven().length;
    app.relay.restore();
    await expect
      .poll(
        () =>
          driven()
            .slice(before)
            .some((question) => question.startsWith('workloads.causes')),
        { timeout: 30_000 },
      )
      .toBe(true);
    await context.close();
  });

  test('trouble is told in the tab and its icon', async () => {
    const page = await app.page('/workers');
    await expect.poll(() => page.title()).toMatch(/^\(\d+\) Workers · Tidemark$/);
    expect(await page.locator('#favicon').getAttribute('href')).toBe('/favicon-trouble.svg');
  });

  test('the tab, the navigation and the headline count the same things', async () => {
    // Two of one cause are one thing.
    await Promise.all([1, 2].map((part) => app.submit({ kind: 'command', payload: { command: `echo part ${part} >&2; exit 9` } })));
    const page = await app.page('/');
    const numberIn = (text: string | null, pattern: RegExp): number => Number(pattern.exec(text ?? '')?.[1] ?? 0);
    const counts = async (): Promise<number[]> => {
      const links = await page.getByRole('navigation', { name: 'Main' }).getByRole('link').allTextContents();
      const badges = links.map((text) => numberIn(text, /(\d+) (?:cause|lost|outage|thing)/)).reduce((sum, count) => sum + count, 0);
      const heading = await page.getByRole('heading', { level: 1 }).textContent();
      return [numberIn(await page.title(), /^\((\d+)\)/), badges, numberIn(heading, /(\d+) more things? needs? attention$/) + 1];
    };
    await page.getByRole('link', { name: /Workloads \d+ causes? of failures/ }).waitFor();
    await expect.poll(async () => new Set(await counts()).size).toBe(1);
  });

  test('everything works under a policy that allows no inline style or script', async () => {
    const context = await app.context();
    const page = await context.newPage();
    const refusals: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') refusals.push(message.text());
    });
    await page.route('**/*', async (route) => {
      if (route.request().resourceType() !== 'document') return route.continue();
      const response = await route.fetch();
      return route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': "default-src 'self'" } });
    });
    const { id } = await app.submit({ kind: 'command', payload: { command: 'echo strict' } });
    await page.goto(`${app.url}/workloads/${id}`);
    await page.getByText('strict', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Copy as' }).click();
    await page.getByRole('menuitem').first().waitFor();
    await page.goto(`${app.url}/workloads?panel=new`);
    await page.getByRole('dialog').waitFor();
    expect(refusals).toEqual([]);
  });

  test('output of 100,000 lines is complete and only a window of it is in the page', async () => {
    const { id } = await app.submit({ kind: 'command', payload: { command: 'seq 1 100000' } });
    const page = await app.page(`/workloads/${id}`);
    await heading(page, /Completed/).waitFor();
    await page.getByText('100000', { exact: true }).last().waitFor();
    expect(await page.getByRole('log').locator('[data-index]').count()).toBeLessThan(200);
  });

  test('edits are asked about before a page, a tab or a drawer with them goes, and not once they are saved', async () => {
    const { id } = await post<{ id: string }>(`${app.url}/api/tests`, { name: 'Edited', url: 'https://example.com', status: 'paused' });
    const page = await app.page(`/monitors/${id}?tab=configuration`);
    const tags = page.getByLabel('Tags');
    await tags.waitFor();
    await page.getByRole('tab', { name: 'Steps' }).click();
    await page.getByRole('tab', { name: 'Configuration' }).click();
    await tags.fill('edited');
    const question = page.getByRole('alertdialog', { name: 'Discard your changes?' });
    const keep = question.getByRole('button', { name: 'Keep editing' });
    const isAsked = () => expect.poll(() => keep.evaluate((button) => button === document.activeElement)).toBe(true);
    await page.getByRole('tab', { name: 'Results' }).click();
    await isAsked();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    await page.goBack();
    await isAsked();
    await page.keyboard.press('Enter');
    await question.waitFor({ state: 'detached' });
    await page.waitForURL('**?tab=configuration');
    await page.getByRole('navigation', { name: 'Main' }).first().getByRole('link', { name: 'Workers' }).click();
    await keep.click();
    const [warning] = await Promise.all([page.waitForEvent('dialog'), page.evaluate(() => setTimeout(() => window.location.reload()))]);
    expect(warning.type()).toBe('beforeunload');
    await warning.dismiss();
    expect(await tags.inputValue()).toBe('edited');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.getByRole('tab', { name: 'Outages' }).click();
    await page.waitForURL('**?tab=outages');
    expect(await question.count()).toBe(0);
    await page.getByRole('tab', { name: 'Configuration' }).click();
    await tags.fill('lost');
    await page.getByRole('navigation', { name: 'Main' }).first().getByRole('link', { name: 'Queues' }).click();
    await question.getByRole('button', { name: 'Discard changes' }).click();
    await heading(page, 'Queues').waitFor();
    const saved = await fetch(`${app.url}/api/tests/${id}`);
    expect(await saved.json()).toMatchObject({ tags: ['edited'] });
    await page.goto(`${app.url}/monitors/${id}?tab=configuration`);
    await tags.fill('gone with the monitor');
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByLabel('Type Edited to confirm').fill('Edited');
    await page.getByRole('button', { name: 'Delete monitor' }).click();
    await page.waitForURL((url) => url.pathname === '/monitors');
  });

  test('a curl command fills the form of a monitor, which asks before it closes', async () => {
    const page = await app.page('/monitors?panel=curl');
    const form = page.getByRole('dialog', { name: 'New monitor' });
    const command = form.getByLabel('Command').first();
    await command.waitFor();
    await expect.poll(() => command.evaluate((field) => field === document.activeElement)).toBe(true);
    await page.keyboard.type('wget x');
    await form.getByRole('button', { name: 'Fill in the form' }).click();
    await form.getByText('This is no curl command').waitFor();
    await command.fill(`curl -k 'https://example.com/login' \\\n  -H 'x-team: shop' \\\n  --data-raw '{"user":"anna"}'`);
    await form.getByRole('button', { name: 'Fill in the form' }).click();
    await form.getByText('-k: certificates are always checked here.').waitFor();
    await form.getByRole('button', { name: 'Fill in the form' }).click();
    expect(await form.getByText('Step 2', { exact: true }).count()).toBe(0);
    expect(await form.getByLabel('Method').inputValue()).toBe('POST');
    expect(await form.getByLabel('Address', { exact: true }).last().inputValue()).toBe('https://example.com/login');
    expect(await form.getByLabel('Headers').inputValue()).toBe('x-team: shop\ncontent-type: application/x-www-form-urlencoded');
    expect(await form.getByLabel('Body').inputValue()).toBe('{"user":"anna"}');
    expect(await form.getByLabel('Follow redirects').isChecked()).toBe(false);
    const question = page.getByRole('alertdialog', { name: 'Discard your changes?' });
    await page.keyboard.press('Escape');
    await question.waitFor();
    expect(await axe(page, 'body', 'all')).toEqual([]);
    await question.getByRole('button', { name: 'Keep editing' }).click();
    await question.waitFor({ state: 'detached' });
    expect(await form.getByLabel('Method').inputValue()).toBe('POST');
    await form.getByRole('button', { name: 'Close', exact: true }).click();
    await question.getByRole('button', { name: 'Discard changes' }).click();
    await page.waitForURL((url) => url.pathname === '/monitors' && url.search === '');
    await form.waitFor({ state: 'detached' });
    expect(await question.count()).toBe(0);
  });

  test('no page logged an error or asked another origin', () => {
    expect(app.complaints).toEqual([]);
  });
});
