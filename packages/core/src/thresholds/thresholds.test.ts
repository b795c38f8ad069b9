import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CreateChannelInput } from '../alerts/contract.ts';
import { createChannel, deleteChannel, dispatchDeliveries, listDeliveries } from '../alerts/index.ts';
import { CreateDashboardInput } from '../dashboards/contract.ts';
import { createDashboard, deleteDashboard, getDashboard, listDashboards, readDashboard, updateDashboard } from '../dashboards/index.ts';
import type { NoticeSender, OutgoingNotice } from '../ports/index.ts';
import { cancelPublication } from '../publications/index.ts';
import { METRICS } from '../publishing/contract.ts';
import { listMetrics } from '../publishing/index.ts';
import { resetPublishing, seeding } from '../publishing/testing/seed.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { CreateThresholdInput } from './contract.ts';
import { checkThresholds, createThreshold, deleteThreshold, getThreshold, listAlerts, updateThreshold } from './index.ts';

describe.each(engines())('thresholds and dashboards on %s', (engine) => {
  let test: TestCore;
  let seed: ReturnType<typeof seeding>;
  let clip = '';
  let channel = '';
  const sent: OutgoingNotice[] = [];
  const sender: NoticeSender = { send: (notice) => Promise.resolve(void sent.push(notice)).then(() => ({ ok: true })) };

  beforeAll(async () => {
    test = await createTestCore(engine);
    seed = seeding(test.core);
    const input = CreateChannelInput.parse({ name: 'ops', type: 'webhook', config: { url: 'https://ops.example/' } });
    channel = (await createChannel(test.core, input)).id;
  });
  beforeEach(async () => {
    await resetPublishing(test.core);
    await sql`delete from publishing_threshold`.execute(test.core.database.db);
    sent.length = 0;
    clip = await seed.clip(await seed.video());
  });
  afterAll(() => test.close());

  const make = (fields: object = {}) =>
    createThreshold(
      test.core,
      CreateThresholdInput.parse({ name: 'Too many wait', metric: 'queue.pending', warn: 2, crit: 3, channel_ids: [channel], ...fields }),
    );
  const look = async (): Promise<string[]> => {
    await checkThresholds(test.core);
    await dispatchDeliveries(test.core, sender);
    return sent.map(({ notice }) => notice.type);
  };
  const wait = async (count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let made = 0; made < count; made += 1) ids.push((await seed.publication(clip)).id);
    return ids;
  };
  const cancelAll = async (ids: readonly string[]) => {
    for (const id of ids) await cancelPublication(test.core, { id });
  };

  it('tell a channel once when it begins, gets worse and ends, however often they are looked at', async () => {
    const { id } = await make();
    expect(await look()).toEqual([]);
    const ids = await wait(2);
    await Promise.all([checkThresholds(test.core), checkThresholds(test.core)]);
    expect(await look()).toEqual(['threshold.opened']);
    expect(await getThreshold(test.core, { id })).toMatchObject({ state: 'warn', last_value: 2, alert: { level: 'warn', first_value: 2 } });
    ids.push(...(await wait(2)));
    await look();
    expect(await look()).toEqual(['threshold.opened', 'threshold.escalated']);
    await cancelAll(ids);
    await look();
    expect(await look()).toEqual(['threshold.opened', 'threshold.escalated', 'threshold.resolved']);
    expect(sent.at(-1)?.notice).toMatchObject({
      title: 'Too many wait is back within its limit',
      data: { alert: { worst_value: 4, last_value: 0 } },
    });
    const alerts = (await listAlerts(test.core, { threshold_id: id, limit: 10 })).items;
    expect(alerts).toMatchObject([{ level: 'crit', worst_value: 4, resolved_at: expect.any(String) as string }]);
    expect((await listDeliveries(test.core, { alert_id: alerts[0]?.id ?? '', limit: 10 })).items).toHaveLength(3);
    await wait(3);
    expect((await look()).slice(3)).toEqual(['threshold.opened']);
  });

  it('tell nobody of what passes sooner than for_seconds', async () => {
    const { id } = await make({ for_seconds: 60, recover_seconds: 60 });
    const ids = await wait(2);
    expect(await look()).toEqual([]);
    expect(await getThreshold(test.core, { id })).toMatchObject({ state: 'pending', alert: null });
    await sql`update publishing_threshold set breach_since = breach_since - interval '60 s'`.execute(test.core.database.db);
    expect(await look()).toEqual(['threshold.opened']);
    await cancelAll(ids);
    expect(await look()).toEqual(['threshold.opened']);
    await sql`update publishing_threshold set good_since = good_since - interval '60 s'`.execute(test.core.database.db);
    expect(await look()).toEqual(['threshold.opened', 'threshold.resolved']);
  });

  it('say of both at once what began and ended before it could be told', async () => {
    await make();
    const ids = await wait(2);
    await checkThresholds(test.core);
    await cancelAll(ids);
    await checkThresholds(test.core);
    await dispatchDeliveries(test.core, sender);
    expect(sent.map(({ notice }) => notice)).toMatchObject([{ type: 'threshold.resolved', data: { is_late: true } }]);
  });

  it('end their alert when they are switched off, and survive the end of their channel', async () => {
    const { id } = await make({ metric: 'queue.success_rate_pct', direction: 'below', warn: 90, crit: 50, platform: 'tiktok' });
    await seed.publication(clip, { platform: 'tiktok', status: 'failed' });
    expect(await look()).toEqual(['threshold.opened']);
    await updateThreshold(test.core, { id, is_enabled: false });
    expect(await look()).toEqual(['threshold.opened', 'threshold.resolved']);
    const spare = await createChannel(
      test.core,
      CreateChannelInput.parse({ name: 'spare', type: 'webhook', config: { url: 'https://spare.example/' } }),
    );
    await updateThreshold(test.core, { id, channel_ids: [spare.id] });
    await deleteChannel(test.core, { id: spare.id });
    expect(await updateThreshold(test.core, { id, is_enabled: true })).toMatchObject({ channel_ids: [], state: 'ok' });
    await expect(updateThreshold(test.core, { id, crit: 95 })).rejects.toMatchObject({ code: 'VALIDATION', issues: [{ path: 'warn' }] });
    await expect(make({ channel_ids: ['ch_none'] })).rejects.toMatchObject({ issues: [{ path: 'channel_ids.0' }] });
    await deleteThreshold(test.core, { id });
    await expect(getThreshold(test.core, { id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each([
    [{ metric: 'queue.nothing' }, 'metric'],
    [{ warn: null, crit: null }, 'warn'],
    [{ warn: 5, crit: 3 }, 'warn'],
    [{ warn: Number.NaN }, 'warn'],
    [{ recover: 4 }, 'recover'],
    [{ metric: 'platforms.clips_ready' }, 'platform'],
    [{ metric: 'campaigns.active', platform: 'tiktok' }, 'platform'],
  ])('are refused by name: %j', (fields, path) => {
    const parsed = CreateThresholdInput.safeParse({ name: 'x', metric: 'queue.pending', warn: 2, crit: 3, ...fields });
    expect(parsed.error?.issues.map((issue) => issue.path[0])).toContain(path);
  });

  it('have a value for every metric', async () => {
    await seed.publication(clip, { platform: 'tiktok', status: 'success' });
    const { items } = await listMetrics(test.core, { platform: 'tiktok' });
    const all = [...items, ...(await listMetrics(test.core, {})).items];
    expect(new Set(all.map(({ metric }) => metric))).toEqual(new Set(Object.keys(METRICS)));
    const empty = all.filter(({ value }) => value === null).map(({ metric }) => metric);
    expect(new Set(empty)).toEqual(new Set(['queue.oldest_pending_age_seconds', 'orchestrator.lag_seconds']));
  });

  it('belong to who saved them; others see only what is shared and change nothing', async () => {
    const input = CreateDashboardInput.parse({
      name: 'Mine',
      items: [{ metric: 'queue.pending' }, { metric: 'platforms.clips_ready', platform: 'instagram' }],
    });
    const mine = await createDashboard(test.core, 'key:a', input);
    await wait(2);
    expect((await readDashboard(test.core, 'key:a', mine)).values.map(({ value }) => value)).toEqual([2, 1]);
    await expect(createDashboard(test.core, 'key:a', input)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(getDashboard(test.core, 'key:b', mine)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await updateDashboard(test.core, 'key:a', { id: mine.id, is_shared: true });
    expect((await listDashboards(test.core, 'key:b', { limit: 10 })).items).toMatchObject([{ id: mine.id, owner: 'key:a' }]);
    await expect(updateDashboard(test.core, 'key:b', { id: mine.id, name: 'Yours' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(deleteDashboard(test.core, 'key:b', mine)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await deleteDashboard(test.core, 'key:a', mine);
    expect((await listDashboards(test.core, 'key:a', { limit: 10 })).items).toEqual([]);
  });
});
