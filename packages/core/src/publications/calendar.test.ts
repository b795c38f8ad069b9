import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countCampaign } from '../campaigns/index.ts';
import { seeding } from '../publishing/testing/seed.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { type CalendarDay, ListPublicationsInput, PublicationCalendarInput } from './contract.ts';
import { cancelPublication, getPublicationCalendar, listPublications, retryPublication } from './index.ts';

describe('a question for a calendar', () => {
  it.each([
    [{ timezone: 'Mars/Olympus' }, 'timezone'],
    [{ at: '2026-02-30' }, 'at'],
    [{ at: '0001-01-01' }, 'at'],
    [{ span: 'year' }, 'span'],
    [{ due_from: '2026-01-01T00:00:00Z' }, ''],
  ])('is refused by name: %j', (input, path) => {
    expect(PublicationCalendarInput.safeParse(input).error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });
});

describe.each(engines())('the calendar on %s', (engine) => {
  let test: TestCore;
  let clip = '';
  let campaign = '';

  beforeAll(async () => {
    test = await createTestCore(engine);
    const seed = seeding(test.core);
    clip = await seed.clip(await seed.video());
    campaign = await seed.campaign();
  });
  afterAll(() => test.close());

  const read = (fields: object) => getPublicationCalendar(test.core, PublicationCalendarInput.parse(fields));
  const dayOf = (days: readonly CalendarDay[], date: string) => days.find((day) => day.date === date);

  /** A publication due then, dated as the queue would have left it. */
  async function due(at: string, fields: Record<string, unknown> = {}): Promise<string> {
    const { scheduled_for: scheduledFor = null, ...rest } = fields;
    const { id } = await seeding(test.core).publication(clip, rest);
    await sql`update publication set due_at = ${at}, scheduled_for = ${scheduledFor} where id = ${id}`.execute(test.core.database.db);
    return id;
  }

  const done = { status: 'success', published_at: '2026-01-01T00:00:00Z', external_id: 'x' };

  it('puts each publication on its day, also where a day has 23 or 25 hours, and lists what it counts', async () => {
    const before = await due('2026-03-28T22:59:59.999Z', { ...done, campaign_id: campaign });
    const first = await due('2026-03-28T23:00:00.000Z', { ...done, campaign_id: campaign });
    const last = await due('2026-03-29T21:59:59.999Z', { status: 'failed', sub_status: 'content', campaign_id: campaign });
    const after = await due('2026-03-29T22:00:00.000Z', { ...done, campaign_id: campaign });
    const { days, ...month } = await read({ at: '2026-03-15', timezone: 'Europe/Berlin', campaign_id: campaign });
    expect(month).toMatchObject({ span: 'month', first: '2026-03-01', previous: '2026-02-01', next: '2026-04-01' });
    // Whole weeks from Monday to Sunday.
    expect([days[0]?.date, days.at(-1)?.date, days.length]).toEqual(['2026-02-23', '2026-04-05', 42]);
    expect(days.filter((day) => day.is_inside)).toHaveLength(31);
    for (const [index, day] of days.entries()) expect(days[index + 1]?.from ?? day.to).toBe(day.to);
    const summer = dayOf(days, '2026-03-29');
    expect(summer).toMatchObject({ from: '2026-03-28T23:00:00.000Z', to: '2026-03-29T22:00:00.000Z', counts: { success: 1, failed: 1 } });
    expect([dayOf(days, '2026-03-28'), dayOf(days, '2026-03-30')].map((day) => day?.counts.success)).toEqual([1, 1]);
    const lists = await Promise.all(
      ['2026-03-28', '2026-03-29', '2026-03-30'].map(async (date) => {
        const day = dayOf(days, date);
        const input = ListPublicationsInput.parse({ campaign_id: campaign, due_from: day?.from, due_to: day?.to });
        return (await listPublications(test.core, input)).items.map(({ id }) => id);
      }),
    );
    expect(lists).toEqual([[before], [last, first], [after]]);
    const { days: autumn } = await read({ span: 'week', at: '2026-10-25', timezone: 'Europe/Berlin' });
    expect(autumn.map((day) => (Date.parse(day.to) - Date.parse(day.from)) / 3_600_000)).toEqual([24, 24, 24, 24, 24, 24, 25]);
  });

  it('counts the same moment on another day in another zone', async () => {
    await due('2026-05-01T03:00:00.000Z', { ...done, social_account_id: 'zones' });
    const filter = { at: '2026-05-01', span: 'week', social_account_id: 'zones' };
    const dates = await Promise.all(
      ['America/Los_Angeles', 'Asia/Kolkata', 'Pacific/Kiritimati'].map(
        async (timezone) => (await read({ ...filter, timezone })).days.find((day) => day.counts.success === 1)?.date,
      ),
    );
    expect(dates).toEqual(['2026-04-30', '2026-05-01', '2026-05-01']);
  });

  it('tells what is late and what nobody gave a time, of any day and by day', async () => {
    const mine = { social_account_id: 'late' };
    await due('2026-06-02T12:00:00.000Z', { ...mine, scheduled_for: '2026-06-02T12:00:00.000Z' });
    await due('2026-06-02T12:00:00.000Z', mine);
    await due('2199-06-02T12:00:00.000Z', { ...mine, scheduled_for: '2199-06-02T12:00:00.000Z' });
    const { days, late, unscheduled, as_of } = await read({ ...mine, at: '2026-06-02' });
    expect({ late, unscheduled }).toEqual({ late: 1, unscheduled: 1 });
    expect(dayOf(days, '2026-06-02')).toMatchObject({ counts: { pending: 2 }, late: 1 });
    const listed = async (fields: object) => (await listPublications(test.core, ListPublicationsInput.parse({ ...mine, ...fields }))).items;
    expect(await listed({ status: 'pending', is_scheduled: true, due_to: as_of })).toHaveLength(late);
    expect(await listed({ status: 'pending', is_scheduled: false })).toHaveLength(unscheduled);
    expect(await read({ ...mine, at: '2026-06-02', status: 'failed' })).toMatchObject({ late: 0, unscheduled: 0 });
  });

  it('shows today without a day, and nothing on days on which nothing is due', async () => {
    const { today, first, days } = await read({ span: 'week', timezone: 'UTC', clip_id: 'clip_none' });
    expect(days.map((day) => day.date)).toContain(today);
    expect(first).toBe(days[0]?.date);
    expect(days.flatMap((day) => Object.values(day.counts))).toEqual(Array.from({ length: 42 }, () => 0));
  });

  it('leaves it to the counts of a campaign to say what became of all of it, whatever the day', async () => {
    const seed = seeding(test.core);
    const mine = await seed.campaign();
    const make = (fields: object) => seed.publication(clip, { ...fields, campaign_id: mine });
    await Promise.all([
      make(done),
      make(done),
      make({ status: 'failed', sub_status: 'auth' }),
      make({ status: 'failed', sub_status: 'auth' }),
    ]);
    const [failed, waiting] = [await make({ status: 'failed', sub_status: 'content' }), await make({})];
    await cancelPublication(test.core, { id: waiting.id });
    const counts = { by_status: { success: 2, failed: 3, cancelled: 1, pending: 0 }, failed_by_cause: { auth: 2, content: 1, missed: 0 } };
    expect(await countCampaign(test.core, { id: mine })).toMatchObject({ ...counts, id: mine, total: 5, is_whole: true });
    await retryPublication(test.core, { id: failed.id, confirmed_not_published: false });
    expect(await countCampaign(test.core, { id: mine })).toMatchObject({ total: 5, failed_by_cause: { auth: 2, content: 0 } });
    await expect(countCampaign(test.core, { id: 'cmp_none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
