import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { choose } from './choose.ts';
import { Console, chromiumPath } from './console.ts';

afterAll(() => {
  if (chromiumPath === null) process.stdout.write('not run: chromium suites (no Chromium found; set CHROMIUM to its path)\n');
});

interface Made {
  id: string;
  status: string;
}

describe.skipIf(chromiumPath === null)('publishing from a browser', () => {
  let app: Console;
  let clip: Made;
  let unsure: Made;
  let campaign: Made;

  async function post(path: string, body: object): Promise<Made> {
    const response = await fetch(`${app.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as Made;
  }
  const publication = (fields: object = {}): Promise<Made> =>
    post('/v1/publications', { clip_id: clip.id, platform: 'tiktok', social_account_id: 'acme', ...fields });
  const statusOf = async (id: string): Promise<string> => ((await (await fetch(`${app.url}/v1/publications/${id}`)).json()) as Made).status;

  beforeAll(async () => {
    app = await Console.open(chromiumPath ?? '');
    const video = await post('/v1/videos', { title: 'Rope splicing' });
    clip = await post('/v1/clips', { video_id: video.id, title: 'Close-up' });
    campaign = await post('/v1/campaigns', { name: 'Autumn', status: 'active', clip_ids: [clip.id], budget: 100 });
    unsure = await publication({ status: 'failed', sub_status: 'unconfirmed', error: 'the answer never came', campaign_id: campaign.id });
    await publication();
    await publication({ status: 'success', published_at: new Date().toISOString(), external_id: 'post-1' });
  });
  afterAll(() => app?.[Symbol.asyncDispose]());

  test('a pending publication says why it waits', async () => {
    const page = await app.page('/publishing/queue?status=pending');
    await page.getByText('has no connector').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Publishing queue' }).waitFor();
  });

  test('the queue shows what others change, before it would look again by itself', async () => {
    const page = await app.page('/publishing/queue?account=elsewhere');
    await page.getByRole('heading', { level: 1, name: 'Publishing queue' }).waitFor();
    await page.getByRole('button', { name: 'Live' }).waitFor();
    const { id } = await publication({ social_account_id: 'elsewhere' });
    // Without an event it would look again after 15 seconds.
    await page.locator(`a[href$="${id}"]`).first().waitFor();
  });

  test('an unconfirmed publication is retried by keyboard alone, and only with consent', async () => {
    const page = await app.page(`/publishing/queue/${unsure.id}`);
    await page.getByText('It was sent, and the answer never came. Look on the platform').waitFor();
    await page.getByRole('button', { name: `Retry ${unsure.id}` }).focus();
    await page.keyboard.press('Enter');
    const again = page.getByRole('button', { name: 'Publish again' });
    expect(await again.isDisabled()).toBe(true);
    await page.getByRole('checkbox', { name: 'I checked, it is not published' }).focus();
    await page.keyboard.press('Space');
    await again.focus();
    expect(await statusOf(unsure.id)).toBe('failed');
    await page.keyboard.press('Enter');
    await vi.waitFor(async () => expect(await statusOf(unsure.id)).toBe('pending'), { timeout: 60_000 });
    await page.getByText('Why it waits:').waitFor();
  });

  test('a failed publication is found, read and repaired from the overview without a mouse', async () => {
    const broken = await publication({ status: 'failed', sub_status: 'auth', error: 'the token of acme has expired' });
    const page = await app.page('/');
    await page.getByRole('heading', { level: 1 }).waitFor();
    const reach = async (name: string | RegExp, key = 'Tab'): Promise<void> => {
      for (let step = 0; step < 120; step += 1) {
        const [text, label] = await page.evaluate(() => [
          document.activeElement?.textContent ?? '',
          document.activeElement?.ariaLabel ?? '',
        ]);
        if ([text, label].some((said) => (typeof name === 'string' ? said.trim() === name : name.test(said)))) return;
        await page.keyboard.press(key);
      }
      throw new Error(`no key led to ${name.toString()}`);
    };
    await page.keyboard.press('Control+k');
    await page.locator('[role=combobox]:focus').waitFor();
    await page.keyboard.type('publishing queue');
    await choose(page, 'Publishing queue');
    await page.waitForURL('**/publishing/queue');
    await page.getByRole('row').filter({ hasText: 'the token of acme' }).waitFor();
    await reach(/^Failed/);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/publishing/queue?status=failed');
    await reach(new RegExp(`^${broken.id.slice(0, 4)}.*${broken.id.slice(-4)}$`));
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Why it failed' }).getByText('the token of acme has expired').waitFor();
    await reach(`Retry ${broken.id}`);
    await page.keyboard.press('Enter');
    await page.getByText('Why it waits:').waitFor();
    expect(await statusOf(broken.id)).toBe('pending');
  });

  test('a calendar counts each day in the zone of the reader, by keyboard too, and a day opens its list', async () => {
    const at = { scheduled_for: '2027-05-31T15:30:00.000Z', social_account_id: 'planned', campaign_id: campaign.id };
    const { id } = await publication(at);
    await publication({ ...at, scheduled_for: '2027-06-01T15:30:00.000Z' });
    const page = await app.page('/publishing/queue?view=calendar&at=2027-05-10&account=planned', { preferences: { zone: 'Asia/Tokyo' } });
    const day = (name: string) => page.getByRole('gridcell').getByRole('link', { name });
    await page.getByRole('grid', { name: 'Publications due, May 2027' }).waitFor();
    // In Tokyo it is June already; the day stands in the last week of May.
    await day('Tuesday 1 June 2027: 1 scheduled').waitFor();
    expect(await day('Monday 31 May 2027: nothing is due').count()).toBe(1);
    await day('Saturday 1 May 2027: nothing is due').focus();
    await page.keyboard.press('PageDown');
    await page.getByRole('grid', { name: 'Publications due, June 2027' }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-day'))).toBe('2027-06-01');
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-day'))).toBe('2027-06-02');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.searchParams.get('due_from') === '2027-05-31T15:00:00.000Z');
    await page
      .getByRole('row')
      .filter({ hasText: id.slice(-6) })
      .waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
  });

  test('a planned publication is given another day from its page, and the notice takes it back', async () => {
    const planned = await publication({ scheduled_for: '2027-09-10T15:30:00.000Z', social_account_id: 'moved' });
    const due = async (): Promise<unknown> =>
      ((await (await fetch(`${app.url}/v1/publications/${planned.id}`)).json()) as { scheduled_for: string }).scheduled_for;
    const page = await app.page(`/publishing/queue/${planned.id}`, { preferences: { zone: 'Asia/Tokyo' } });
    await page.getByText(/It is scheduled for 11 Sept? 2027 00:30:00/).waitFor();
    await page.getByRole('button', { name: 'Reschedule' }).focus();
    await page.keyboard.press('Enter');
    const field = page.getByLabel('Publish at');
    expect(await field.inputValue()).toBe('2027-09-11T00:30');
    await field.fill('2027-09-12T09:00');
    await page.keyboard.press('Enter');
    await expect.poll(due).toBe('2027-09-12T00:00:00.000Z');
    await page.getByRole('button', { name: 'Undo' }).first().click();
    await expect.poll(due).toBe('2027-09-10T15:30:00.000Z');
  });

  test('the calendar of a campaign tells late and unscheduled publications apart, and switches back to the list', async () => {
    await publication({ campaign_id: campaign.id });
    const page = await app.page(`/publishing/campaigns/${campaign.id}?view=calendar&at=2028-02-01`);
    await page.getByText('Nothing is due in this month.').waitFor();
    await page.getByRole('link', { name: /without a time/ }).waitFor();
    await page.getByText('Week', { exact: true }).click();
    await page.getByRole('grid', { name: 'Publications due, 31 January – 6 February 2028' }).waitFor();
    await page.getByText('List', { exact: true }).click();
    await page.getByRole('region', { name: 'Publications of the campaign, newest first' }).waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  test('a CSV is previewed line by line before it is imported', async () => {
    const page = await app.page('/publishing/queue?panel=import');
    await page.getByRole('textbox', { name: 'CSV' }).fill(`clip_id,platform,social_account_id\n${clip.id},youtube,yt\nnone,youtube,yt\n`);
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('1 publication would be created').waitFor();
    await page.getByText(/Line 3/).waitFor();
    await page.getByRole('button', { name: 'Import 1' }).click();
    await page.getByText('1 publication created').waitFor();
  });

  test('no page logged an error or asked another origin', () => {
    expect(app.complaints).toEqual([]);
  });
});
