import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createNoticeSender } from '../adapters/delivery/index.ts';
import type { ClaimedJob } from '../jobs/contract.ts';
import { CreateMonitorInput } from '../monitors/contract.ts';
import { createMonitor, deleteMonitor, pauseMonitor, runMonitor, scheduleRuns, updateMonitor } from '../monitors/index.ts';
import type { Outage } from '../outages/contract.ts';
import { listOutages, muteOutage, resolveOutage } from '../outages/index.ts';
import { listResults, recordRuns } from '../runs/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { forgetMonitors, MonitorAgent, resultOf } from '../testing/monitor-agent.ts';
import { WebhookReceiver } from '../testing/webhook-receiver.ts';
import { CreateChannelInput } from './contract.ts';
import { createChannel, dispatchDeliveries, listDeliveries, remindOutages } from './index.ts';

const sender = createNoticeSender({ policy: () => ({ allow: [], allow_loopback: true }), now: () => Date.now() });
const testOf = (job: ClaimedJob): string => (job.payload as { test_id: string }).test_id;

describe.each(engines())('notices that wait on %s', (engine) => {
  let test: TestCore;
  let agent: MonitorAgent;
  let receiver: WebhookReceiver;
  let channelId: string;

  beforeAll(async () => {
    test = await createTestCore(engine);
    agent = await MonitorAgent.open(test);
    receiver = new WebhookReceiver();
  });
  beforeEach(async () => {
    await forgetMonitors(test);
    receiver.close();
    receiver = new WebhookReceiver();
    const config = { url: await receiver.open() };
    channelId = (await createChannel(test.core, CreateChannelInput.parse({ name: 'ops', type: 'webhook', config }))).id;
  });
  afterAll(async () => {
    receiver.close();
    await test.close();
  });

  /** Active, so that it can be looked at, and never due by itself. */
  const monitor = async (input: object = {}, alert: object = {}): Promise<string> => {
    const definition = {
      name: 'Shop',
      url: 'https://example.com',
      cron: '0 0 1 1 *',
      alert: { channel_ids: [channelId], ...alert },
      ...input,
    };
    return (await createMonitor(test.core, CreateMonitorInput.parse(definition))).id;
  };
  const finish = async (job: ClaimedJob, passed: boolean): Promise<void> => {
    await agent.complete(job, resultOf({ passed }));
    await recordRuns(test.core);
  };
  const run = async (testId: string, passed: boolean): Promise<void> => {
    await runMonitor(test.core, { test_id: testId });
    await finish(await agent.take(), passed);
  };
  /** The run that the server itself opened for this monitor. */
  const probe = async (testId: string): Promise<ClaimedJob> => {
    await scheduleRuns(test.core);
    const job = await agent.take();
    expect(testOf(job)).toBe(testId);
    return job;
  };
  const dispatch = (): Promise<void> => dispatchDeliveries(test.core, sender);
  const outageOf = async (testId: string): Promise<Outage | undefined> =>
    (await listOutages(test.core, { test_id: testId, limit: 10 })).items[0];
  const holdEnds = async (): Promise<void> => {
    await sql`update delivery set next_try_at = now() where status = 'queued'`.execute(test.core.database.db);
    await dispatch();
  };
  const told = (): string[] =>
    receiver.received.map(({ body }) => {
      const { type, data } = JSON.parse(body) as { type: string; data: { monitor: { name: string } } };
      return `${data.monitor.name} ${type}`;
    });

  describe('of a monitor that depends on another', () => {
    let parent: string;
    let child: string;
    beforeEach(async () => {
      parent = await monitor({ name: 'Gateway' });
      child = await monitor({ name: 'Page', parent_id: parent });
    });

    it('wait for a look at the parent and go when it is up', async () => {
      await run(child, false);
      await dispatch();
      expect(receiver.received).toHaveLength(0);
      const held = await outageOf(child);
      expect(held).toMatchObject({ status: 'open', is_suppressed: false, alert_sent: false });
      expect(held?.held_until).not.toBeNull();
      await finish(await probe(parent), true);
      await dispatch();
      expect(told()).toEqual(['Page outage.opened']);
      expect(await outageOf(child)).toMatchObject({ held_until: null, alert_sent: true });
      expect((await listResults(test.core, { test_id: parent, limit: 5, offset: 0 })).results).toMatchObject([
        { triggered_by: 'dependency' },
      ]);
    });

    it('are suppressed when the look finds the parent down, whose own notice goes', async () => {
      await run(child, false);
      await finish(await probe(parent), false);
      await holdEnds();
      expect(told()).toEqual(['Gateway outage.opened']);
      expect(await outageOf(child)).toMatchObject({ is_suppressed: true, held_until: null, status: 'open', failed_runs: 1 });
    });

    it('wait on while the parent fails without being down, and follow what its next runs confirm', async () => {
      await updateMonitor(test.core, { test_id: parent, alert: { ...CreateMonitorInput.shape.alert.parse({}), confirm_failures: 2 } });
      await run(child, false);
      await finish(await probe(parent), false);
      await dispatch();
      expect(told()).toEqual([]);
      expect((await outageOf(child))?.held_until).not.toBeNull();
      await run(parent, false);
      await holdEnds();
      expect(await outageOf(child)).toMatchObject({ is_suppressed: true, alert_sent: false });
      expect(told()).toEqual([]);
    });

    it('go when the time is over and nobody could look at the parent', async () => {
      await run(child, false);
      await holdEnds();
      expect(told()).toEqual(['Page outage.opened']);
      expect(await outageOf(child)).toMatchObject({ held_until: null, is_suppressed: false });
    });

    it('go at once when the parent has passed since it failed, or cannot be looked at', async () => {
      await runMonitor(test.core, { test_id: child });
      const job = await agent.take();
      await sql`update workload set started_at = now() - interval '1 minute' where status = 'running'`.execute(test.core.database.db);
      await run(parent, true);
      await finish(job, false);
      await dispatch();
      expect(told()).toEqual(['Page outage.opened']);
      const resting = await monitor({ name: 'Resting', status: 'paused' });
      const dependent = await monitor({ name: 'Other', parent_id: resting });
      await run(dependent, false);
      await dispatch();
      expect(told()).toEqual(['Page outage.opened', 'Other outage.opened']);
      expect(await agent.isIdle()).toBe(true);
    });

    it('go once the parent is up again and a second look finds the monitor still down', async () => {
      await run(parent, false);
      await run(child, false);
      await dispatch();
      await run(parent, true);
      expect(await outageOf(child)).toMatchObject({ is_suppressed: true, status: 'open' });
      await finish(await probe(child), false);
      await holdEnds();
      expect(told().toSorted()).toEqual(['Gateway outage.opened', 'Gateway outage.resolved', 'Page outage.opened']);
      await run(child, true);
      await dispatch();
      expect(told().at(-1)).toBe('Page outage.resolved');
    });

    it('never go when the second look finds it up: it was down with its parent alone', async () => {
      await run(parent, false);
      await run(child, false);
      await run(parent, true);
      await finish(await probe(child), true);
      await holdEnds();
      expect(told().filter((line) => line.startsWith('Page'))).toEqual([]);
      expect(await outageOf(child)).toMatchObject({ status: 'resolved', alert_sent: false });
    });

    it.each([
      [
        'its outage was ended by hand',
        async () => void (await resolveOutage(test.core, { id: (await outageOf(parent))?.id ?? '' }, 'usr_1')),
      ],
      ['it was paused', async () => void (await pauseMonitor(test.core, { test_id: parent }))],
      ['it was deleted', async () => void (await deleteMonitor(test.core, { test_id: parent }))],
    ])('go with the next failure when the parent covers nothing any more: %s', async (_why, change) => {
      await run(parent, false);
      await run(child, false);
      await run(child, false);
      expect(await outageOf(child)).toMatchObject({ is_suppressed: true, failed_runs: 2 });
      await change();
      await run(child, false);
      await dispatch();
      expect(told()).toContain('Page outage.opened');
      expect(await outageOf(child)).toMatchObject({ is_suppressed: false, alert_sent: true });
    });

    it('cannot wait for each other in a circle', async () => {
      const grandchild = await monitor({ parent_id: child });
      await expect(updateMonitor(test.core, { test_id: parent, parent_id: grandchild })).rejects.toMatchObject({
        code: 'VALIDATION',
        issues: [{ path: 'parent_id' }],
      });
    });
  });

  it('tell of an outage that a person ended, and of the next one', async () => {
    const id = await monitor();
    await run(id, false);
    await dispatch();
    const ended = await resolveOutage(test.core, { id: (await outageOf(id))?.id ?? '' }, 'usr_1');
    expect(ended).toMatchObject({ status: 'resolved', resolution: 'manual', resolved_by: 'usr_1' });
    expect(await resolveOutage(test.core, { id: ended.id }, 'usr_2')).toMatchObject({
      resolved_by: 'usr_1',
      resolved_at: ended.resolved_at,
    });
    await dispatch();
    expect(JSON.parse(receiver.received[1]?.body ?? '')).toMatchObject({
      type: 'outage.resolved',
      data: { outage: { resolution: 'manual', resolved_by: 'usr_1' } },
    });
    await run(id, false);
    await dispatch();
    const { items } = await listOutages(test.core, { test_id: id, limit: 10 });
    expect(items).toMatchObject([{ status: 'open' }, { id: ended.id, status: 'resolved' }]);
    expect(receiver.types).toEqual(['outage.opened', 'outage.resolved', 'outage.opened']);
    await run(id, true);
    await expect(resolveOutage(test.core, { id: items[0]?.id ?? '' }, 'usr_1')).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    const { rows } = await sql<{ state: string }>`select state from state_segment where test_id = ${id} order by from_at`.execute(
      test.core.database.db,
    );
    expect(rows.map((row) => row.state)).toEqual(['down', 'unknown', 'down', 'up']);
  });

  it('open the same outage again when it fails within the window after a person ended it', async () => {
    const id = await monitor({}, { reopen_within_seconds: 600 });
    await run(id, false);
    const ended = await resolveOutage(test.core, { id: (await outageOf(id))?.id ?? '' }, 'usr_1');
    await run(id, false);
    expect(await outageOf(id)).toMatchObject({ id: ended.id, status: 'open', reopen_count: 1, resolution: null, resolved_by: null });
  });

  it('are few while it flaps: told down and up once, then that it flaps, then that it stays up', async () => {
    const id = await monitor({}, { reopen_within_seconds: 600 });
    for (const passed of [false, true, false, true, false, true, false, true]) {
      await run(id, passed);
      await dispatch();
    }
    expect(receiver.types).toEqual(['outage.opened', 'outage.resolved', 'outage.flapping']);
    expect(await outageOf(id)).toMatchObject({ reopen_count: 3, status: 'resolved' });
    expect((await listDeliveries(test.core, { limit: 10, status: 'queued' })).items).toMatchObject([{ kind: 'resolved' }]);
    await holdEnds();
    expect(receiver.types.at(-1)).toBe('outage.resolved');
  });

  it('of a muted outage are no reminders and no word of flapping', async () => {
    const id = await monitor({}, { reopen_within_seconds: 600, remind_every_minutes: 1 });
    await run(id, false);
    await muteOutage(test.core, { id: (await outageOf(id))?.id ?? '', until: '2099-01-01T00:00:00.000Z' });
    for (const passed of [true, false, true, false, true, false]) await run(id, passed);
    await sql`update outage set confirmed_at = confirmed_at - interval '5 minutes', opened_at = opened_at - interval '5 minutes'`.execute(
      test.core.database.db,
    );
    await remindOutages(test.core);
    await dispatch();
    expect(receiver.types).toEqual(['outage.opened']);
    await muteOutage(test.core, { id: (await outageOf(id))?.id ?? '', until: null });
    await remindOutages(test.core);
    await dispatch();
    expect(receiver.types).toEqual(['outage.opened', 'outage.reminder']);
  });
});
