import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserContext, Page } from 'playwright-core';
import { Console, chromiumPath } from './console.ts';

afterAll(() => {
  if (chromiumPath === null) process.stdout.write('not run: chromium suites (no Chromium found; set CHROMIUM to its path)\n');
});

const PERSON = { email: 'ada@example.com', password: 'correct horse battery' };
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });

describe.skipIf(chromiumPath === null)('access from a browser', () => {
  let app: Console;
  /** Keeps the session of the administrator. */
  let admin: BrowserContext;

  beforeAll(async () => {
    app = await Console.open(chromiumPath ?? '', { hasWorker: false });
  });
  afterAll(() => app?.[Symbol.asyncDispose]());

  const adminPage = async (path: string): Promise<Page> => {
    // One at a time, as a person would: what is open goes on streaming.
    await Promise.all(admin.pages().map((page) => page.close()));
    const page = await admin.newPage();
    await page.goto(app.url + path);
    return page;
  };

  test('a link that is cut short says so, and asks for nothing', async () => {
    const page = await app.page('/setup');
    await heading(page, 'This link does not work').waitFor();
    const wrong = await app.page('/setup#token=nonsense');
    await heading(wrong, 'This link does not work').waitFor();
  });

  test('the printed link makes the first administrator, who is signed in at once; it works once', async () => {
    const page = await app.page(app.setupPath);
    await page.getByLabel('E-mail').fill(PERSON.email);
    await page.getByLabel('Name').fill('Ada');
    await page.getByLabel('Password').fill(PERSON.password);
    await page.getByRole('button', { name: 'Make the account' }).click();
    await heading(page, /./).waitFor();
    await page.getByRole('button', { name: 'Signed in as Ada' }).waitFor();
    admin = page.context();
    const again = await app.page(app.setupPath);
    await heading(again, 'This link does not work').waitFor();
  });

  test('whoever is not signed in is led to the sign-in, and from there to where they wanted', async () => {
    const page = await app.page('/workloads?status=failed');
    await heading(page, 'Sign in').waitFor();
    await page.getByLabel('E-mail').fill(PERSON.email);
    await page.getByLabel('Password').fill('wrong password here');
    app.complaints.length = 0;
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('E-mail or password is wrong.').waitFor();
    // The browser itself reports the refused request.
    app.complaints.length = 0;
    await page.getByLabel('Password').fill(PERSON.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/workloads?status=failed');
    await heading(page, 'Workloads').waitFor();
    await page.context().close();
  });

  test('a sign-in that did not come to its end says why, and repeats nothing of the address', async () => {
    const page = await app.page('/login');
    const sentences = [
      ['expired', 'took too long'],
      ['refused', 'did not confirm who you are'],
      ['unavailable', 'cannot be reached'],
      ['busy', 'Too many tries'],
      ['disabled', 'is disabled'],
      ['unverified', 'has not verified your e-mail address'],
      ['taken', 'belongs to an account of somebody else'],
      ['not_allowed', 'not among those who may sign in'],
      ['setup_needed', 'The first account must be an administrator'],
      ['failed', 'Signing in failed'],
    ] as const;
    for (const [problem, words] of sentences) {
      await page.goto(`${app.url}/login?problem=${problem}`);
      await page.getByText(words).waitFor();
    }
    await page.goto(`${app.url}/login?problem=call%20555-0100`);
    await page.getByLabel('E-mail').waitFor();
    expect(await page.getByText('555').count()).toBe(0);
    await page.context().close();
  });

  test('a next address of another site is not followed', async () => {
    const page = await adminPage('/login?next=//evil.example/x');
    await page.waitForURL(`${app.url}/`);
    const other = await adminPage('/login?next=https%3A%2F%2Fevil.example');
    await other.waitForURL(`${app.url}/`);
  });

  test('five tabs are all live: each holds one connection of the six that a browser allows', async () => {
    const tabs: Page[] = [];
    for (const path of ['/', '/workloads', '/workers', '/activity', '/queues']) {
      const page = await admin.newPage();
      await page.goto(app.url + path);
      tabs.push(page);
    }
    for (const page of tabs) await page.getByText('Live', { exact: true }).first().waitFor();
  });

  test('a key is shown once, works, and is refused once it is revoked', async () => {
    const page = await adminPage('/settings/api-keys');
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name').fill('build agents');
    await page.getByLabel('Role').selectOption('viewer');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const key = await page.getByLabel('Key of build agents').inputValue();
    await page.getByRole('button', { name: 'I have it' }).click();
    const stats = (): Promise<number> =>
      fetch(`${app.url}/v1/stats`, { headers: { authorization: `Bearer ${key}` } }).then((response) => response.status);
    expect(await stats()).toBe(200);
    expect(await page.content()).not.toContain(key);
    await page.getByRole('button', { name: 'Revoke build agents' }).click();
    await page.getByRole('button', { name: 'Revoke the key' }).click();
    await expect.poll(stats).toBe(401);
  });

  test('a limited key is replaced by another that may do the same, and the old one ends', async () => {
    const page = await adminPage('/settings/api-keys');
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name').fill('night shift');
    await page.getByLabel('Role').selectOption('viewer');
    await page.getByLabel('Only these queues').fill('nightly, not a name!');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.locator('[aria-invalid="true"]').waitFor();
    await page.getByLabel('Only these queues').fill('nightly');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const first = await page.getByLabel('Key of night shift').inputValue();
    await page.getByRole('button', { name: 'I have it' }).click();
    const row = page.getByRole('row').filter({ hasText: 'night shift' });
    await row.getByText('queues nightly').waitFor();
    await page.getByRole('button', { name: 'Rotate night shift' }).click();
    await page.getByLabel('The old key goes on working for').selectOption('0');
    await page.getByRole('button', { name: 'Make the new key' }).click();
    const second = await page.getByLabel('Key of night shift').inputValue();
    expect(second).not.toBe(first);
    await page.getByRole('button', { name: 'I have it' }).click();
    await expect.poll(() => row.filter({ hasText: 'queues nightly' }).count()).toBe(2);
    const asked = (key: string): Promise<number> =>
      fetch(`${app.url}/v1/workloads?limit=1`, { headers: { authorization: `Bearer ${key}` } }).then((response) => response.status);
    await expect.poll(() => asked(first)).toBe(401);
    expect(await asked(second)).toBe(200);
  });

  test('a secret goes in, is replaced and deleted, and its value is never shown; the audit log tells all of it', async () => {
    const page = await adminPage('/settings/secrets');
    await page.getByRole('button', { name: 'New secret' }).click();
    await page.getByLabel('Name').fill('shop_token');
    await page.getByLabel('Value', { exact: true }).fill('swordfish-0001');
    await page.getByRole('button', { name: 'Add the secret' }).click();
    await page.getByText('SHOP_TOKEN', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Replace SHOP_TOKEN' }).click();
    await page.getByLabel('Value', { exact: true }).fill('swordfish-0002');
    await page.getByRole('button', { name: 'Replace the value' }).click();
    await page.getByText('SHOP_TOKEN has a new value').waitFor();
    await page.getByRole('button', { name: 'Delete SHOP_TOKEN' }).click();
    await page.getByRole('button', { name: 'Delete the secret' }).click();
    await page.getByText('There is no secret yet').waitFor();
    const log = await adminPage('/settings/audit?action=secrets');
    await expect.poll(() => log.getByRole('row').filter({ hasText: 'SHOP_TOKEN' }).count()).toBe(3);
    expect(await log.content()).not.toContain('swordfish');
    const [newest] = await log.locator('tbody tr').allInnerTexts();
    expect(newest).toContain('secrets.delete');
    await log.getByRole('button', { name: 'Check the log' }).click();
    await log.getByText('Intact.').waitFor();
    await log
      .locator('tbody')
      .getByTitle(/^Only what /)
      .first()
      .click();
    await log.waitForURL(/actor=/);
    await expect.poll(() => log.getByRole('row').filter({ hasText: 'SHOP_TOKEN' }).count()).toBe(3);
  });

  test('a viewer is added, sees no administration, and is put out when disabled', async () => {
    const page = await adminPage('/settings/members');
    await page.getByRole('button', { name: 'Add a person' }).click();
    await page.getByLabel('E-mail').fill('vera@example.com');
    await page.getByRole('button', { name: 'Make one up' }).click();
    const password = await page.getByRole('textbox', { name: 'Password' }).inputValue();
    expect(password).toMatch(/^\w{20}$/);
    await page.getByRole('button', { name: 'Add the person' }).click();
    await page.getByRole('cell', { name: 'vera@example.com', exact: true }).waitFor();
    const viewer = await app.page('/login');
    await viewer.getByLabel('E-mail').fill('vera@example.com');
    await viewer.getByLabel('Password').fill(password);
    await viewer.getByRole('button', { name: 'Sign in' }).click();
    await viewer.getByRole('button', { name: 'Signed in as vera@example.com' }).waitFor();
    await viewer.getByRole('link', { name: 'Settings' }).click();
    await heading(viewer, 'Profile').waitFor();
    expect(await viewer.getByRole('link', { name: 'Members' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Disable vera@example.com' }).click();
    await page.getByRole('button', { name: 'Disable the account' }).click();
    await page.getByRole('button', { name: 'Enable vera@example.com' }).waitFor();
    await viewer.getByRole('link', { name: 'Workloads' }).click();
    await heading(viewer, 'Sign in').waitFor();
    await viewer.context().close();
    app.complaints.length = 0;
  });

  test('a channel is added, tested against a real receiver, and its deliveries are listed', async () => {
    const received: string[] = [];
    const receiver = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => received.push(chunk.toString()));
      request.on('end', () => response.end());
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const address = receiver.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const system = await adminPage('/settings/system');
      await system.getByLabel('Monitors and notices may also reach').fill('127.0.0.0/8');
      await system.getByRole('button', { name: 'Save' }).click();
      await system.getByText('It holds from the next run or notice on.').waitFor();
      const page = await adminPage('/settings/notifications');
      await page.getByRole('button', { name: 'Add a channel' }).click();
      await page.getByLabel('Name').fill('On call');
      await page.getByLabel('Address').fill(`http://127.0.0.1:${port}/hook`);
      await page.getByRole('button', { name: 'Add the channel' }).click();
      await page.getByRole('button', { name: 'Send test to On call' }).click();
      await page.getByText('A test notice is on its way').waitFor();
      await page.getByRole('cell', { name: 'Delivered' }).waitFor();
      expect(received.join('')).toContain('"type"');
    } finally {
      receiver.close();
    }
  });

  test('retention is saved and previewed, and a monitor is taken over from a file', async () => {
    const page = await adminPage('/settings/retention');
    await page.getByLabel('Days to keep failed workloads').fill('45');
    await page.getByRole('button', { name: 'Save rules' }).click();
    await expect
      .poll(async () => JSON.stringify(await (await page.request.get(`${app.url}/v1/settings/retention`)).json()))
      .toContain('"failed":{"max_age_days":45');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText(/Would remove 0 workloads/).waitFor();
    const transfer = await adminPage('/settings/import-export');
    await transfer.getByLabel('From').selectOption('gatus');
    await transfer
      .getByLabel('Text')
      .fill('endpoints:\n  - name: website\n    url: https://example.org\n    conditions: ["[STATUS] == 200"]\n');
    await transfer.getByRole('button', { name: 'Preview' }).click();
    await transfer.getByText(/1 monitor would be created/).waitFor();
    await transfer.getByRole('button', { name: 'Take over' }).click();
    await transfer.getByText(/1 monitor created/).waitFor();
  });

  test('the diagnostics say what runs here, and nothing that has a name', async () => {
    const page = await adminPage('/settings/system');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download diagnostics' }).click(),
    ]);
    const text = await readFile(await download.path(), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ ready: { http_status: 200 }, system: { database: { engine: 'pglite' } }, workers: [] });
    expect(text).not.toMatch(/ada@|127\.0\.0\.1|On call|tmk_/i);
  });

  test('signing out ends the session', async () => {
    const page = await adminPage('/settings/profile');
    await page.getByRole('button', { name: 'Signed in as Ada' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await heading(page, 'Sign in').waitFor();
    await page.goto(`${app.url}/workloads`);
    await heading(page, 'Sign in').waitFor();
  });

  test('no page complained, failed a script or asked another origin', () => {
    expect(app.complaints).toEqual([]);
  });
});
