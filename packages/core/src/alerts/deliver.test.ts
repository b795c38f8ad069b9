import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createNoticeSender } from '../adapters/delivery/index.ts';
import { listAudit, verifyAudit } from '../audit/index.ts';
import { CreateMonitorInput } from '../monitors/contract.ts';
import { createMonitor, runMonitor } from '../monitors/index.ts';
import { getOutage, listOutages } from '../outages/index.ts';
import { listIncidents, recordRuns } from '../runs/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { forgetMonitors, MonitorAgent, resultOf } from '../testing/monitor-agent.ts';
import { WebhookReceiver } from '../testing/webhook-receiver.ts';
import { CreateChannelInput, type ChannelType } from './contract.ts';
import { createChannel, dispatchDeliveries, getChannel, listDeliveries, remindOutages, testChannel, updateChannel } from './index.ts';

const sender = createNoticeSender({ policy: () => ({ allow: [], allow_loopback: true }), now: () => Date.now() });

describe.each(engines())('notices on %s', (engine) => {
  let test: TestCore;
  let agent: MonitorAgent;
  let receiver: WebhookReceiver;
  let url: string;

  beforeAll(async () => {
    test = await createTestCore(engine);
    agent = await MonitorAgent.open(test);
  });
  beforeEach(async () => {
    await forgetMonitors(test);
    receiver?.close();
    receiver = new WebhookReceiver();
    url = await receiver.open();
  });
  afterAll(async () => {
    receiver.close();
    await test.close();
  });

  const channel = async (type: ChannelType = 'webhook', config: object = { url, secret: 'whsec_c2VjcmV0' }): Promise<string> =>
    (await createChannel(test.core, CreateChannelInput.parse({ name: `channel ${type} ${Math.random()}`, type, config }))).id;
  const monitor = async (channelIds: string[], alert: object = {}, more: object = {}): Promise<string> => {
    const input = { name: 'Shop', url: 'https://example.com', status: 'paused', alert: { channel_ids: channelIds, ...alert }, ...more };
    return (await createMonitor(test.core, CreateMonitorInput.parse(input))).id;
  };
  const run = async (testId: string, passed: boolean): Promise<void> => {
    await runMonitor(test.core, { test_id: testId });
    await agent.complete(await agent.take(), resultOf({ passed }));
    await recordRuns(test.core);
  };
  const dispatch = (): Promise<void> => dispatchDeliveries(test.core, sender);
  const dueNow = (): Promise<unknown> =>
    sql`update delivery set next_try_at = now() where status = 'queued'`.execute(test.core.database.db);
  const outageOf = async (testId: string) => (await listOutages(test.core, { test_id: testId, limit: 10 })).items[0];

  it('tells a channel of an outage once and of its end once, signed', async () => {
    const id = await monitor([await channel()]);
    await run(id, false);
    await run(id, false);
    await dispatch();
    await dispatch();
    expect(receiver.types).toEqual(['outage.opened']);
    expect(await outageOf(id)).toMatchObject({ status: 'open', failed_runs: 2, alert_sent: true });
    await run(id, true);
    await dispatch();
    expect(receiver.types).toEqual(['outage.opened', 'outage.resolved']);
    const [first] = receiver.received;
    const { 'webhook-id': messageId, 'webhook-timestamp': at, 'webhook-signature': signature } = first?.headers ?? {};
    const expected = createHmac('sha256', 'secret')
      .update(`${String(messageId)}.${String(at)}.${first?.body ?? ''}`)
      .digest('base64');
    expect(signature).toBe(`v1,${expected}`);
    expect(JSON.parse(first?.body ?? '')).toMatchObject({
      data: { outage: { test_id: id, status: 'open' }, monitor: { id, name: 'Shop' } },
    });
    const { incidents } = await listIncidents(test.core, { test_id: id, limit: 10, offset: 0 });
    expect(incidents.map((incident) => incident.alert_sent)).toEqual([true, true]);
  });

  it('delivers after the receiver was away, once per channel, in one notice when the outage is over by then', async () => {
    const id = await monitor([await channel()]);
    receiver.status = 503;
    await run(id, false);
    await dispatch();
    await dueNow();
    await dispatch();
    expect(await outageOf(id)).toMatchObject({ alert_sent: false });
    const waiting = await listDeliveries(test.core, { limit: 10 });
    expect(waiting.items).toMatchObject([
      { status: 'queued', attempts: 2, kind: 'opened', last_error: 'The receiver answered 503.', delivered_at: null },
    ]);
    await run(id, true);
    receiver.status = 200;
    await dueNow();
    await dispatch();
    await dispatch();
    expect(receiver.types).toEqual(['outage.resolved']);
    const outage = await outageOf(id);
    expect(outage).toMatchObject({ alert_sent: true, status: 'resolved' });
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
      data: { is_late: true, outage: { opened_at: outage?.opened_at, resolved_at: outage?.resolved_at } },
    });
  });

  it('tells of the end when the outage ends while its first notice is on the way', async () => {
    const id = await monitor([await channel()]);
    await run(id, false);
    const slow = {
      async send(...[notice, signal]: Parameters<typeof sender.send>) {
        if (notice.notice.type === 'outage.opened') await run(id, true);
        return sender.send(notice, signal);
      },
    };
    await dispatchDeliveries(test.core, slow);
    await dispatchDeliveries(test.core, slow);
    expect(receiver.types).toEqual(['outage.opened', 'outage.resolved']);
  });

  it('takes over the notice of a server that was killed while sending, under the same id', async () => {
    const id = await monitor([await channel()]);
    await run(id, false);
    await sql`update delivery set status = 'sending', attempts = 1, next_try_at = null, leased_until = now() + interval '1 minute'`.execute(
      test.core.database.db,
    );
    await dispatch();
    expect(receiver.received).toHaveLength(0);
    await sql`update delivery set leased_until = now() - interval '1 s'`.execute(test.core.database.db);
    await dispatch();
    const [delivery] = (await listDeliveries(test.core, { limit: 10 })).items;
    expect(delivery).toMatchObject({ status: 'delivered', attempts: 2 });
    expect(receiver.received[0]?.headers['webhook-id']).toBe(delivery?.id);
  });

  it('confirms after as many failures as the policy asks for and dates the outage back', async () => {
    const id = await monitor([await channel()], { confirm_failures: 3, recover_passes: 2 });
    for (const passed of [true, false, false]) await run(id, passed);
    expect(await outageOf(id)).toBeUndefined();
    await run(id, false);
    const outage = await outageOf(id);
    const { incidents } = await listIncidents(test.core, { test_id: id, limit: 10, offset: 0 });
    expect(outage).toMatchObject({ failed_runs: 3, opened_at: incidents[2]?.started_at, first_run_id: incidents[2]?.run_id });
    await run(id, true);
    expect(await outageOf(id)).toMatchObject({ status: 'open' });
    await run(id, true);
    expect(await outageOf(id)).toMatchObject({ status: 'resolved', resolution: 'recovered' });
  });

  it('reopens an outage that comes back soon, silently', async () => {
    const id = await monitor([await channel()], { reopen_within_seconds: 3600 });
    for (const passed of [false, true, false]) await run(id, passed);
    const { items } = await listOutages(test.core, { test_id: id, limit: 10 });
    expect(items).toMatchObject([{ status: 'open', reopen_count: 1, failed_runs: 2, resolved_at: null }]);
    await dispatch();
    expect(receiver.types).toEqual(['outage.opened']);
  });

  it('holds the notices of a monitor back while its parent is down, not its data', async () => {
    const channelId = await channel();
    const parent = await monitor([channelId], {}, { status: 'active', cron: '0 0 1 1 *' });
    const child = await monitor([channelId], {}, { parent_id: parent });
    await run(parent, false);
    await run(child, false);
    await dispatch();
    expect(receiver.types).toEqual(['outage.opened']);
    expect(await outageOf(child)).toMatchObject({ is_suppressed: true, alert_sent: false, status: 'open' });
  });

  it('reminds once per period until somebody acknowledges', async () => {
    const id = await monitor([await channel()], { remind_every_minutes: 10 });
    await run(id, false);
    await sql`update monitor set status = 'active'`.execute(test.core.database.db);
    await remindOutages(test.core);
    await sql`update outage set opened_at = opened_at - interval '25 minutes', confirmed_at = confirmed_at - interval '25 minutes'`.execute(
      test.core.database.db,
    );
    await remindOutages(test.core);
    await remindOutages(test.core);
    await dispatch();
    expect(receiver.types.toSorted()).toEqual(['outage.opened', 'outage.reminder']);
    await sql`update outage set status = 'acknowledged', acknowledged_at = now(), confirmed_at = confirmed_at - interval '25 minutes'`.execute(
      test.core.database.db,
    );
    await remindOutages(test.core);
    await dispatch();
    expect(receiver.received).toHaveLength(2);
    expect((await getOutage(test.core, { id: (await outageOf(id))?.id ?? '' })).status).toBe('acknowledged');
  });

  it('writes for Slack and for Discord what they understand', async () => {
    for (const type of ['slack', 'discord'] as const) await testChannel(test.core, { id: await channel(type, { url }) });
    await dispatch();
    const bodies = receiver.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(bodies.find((body) => 'text' in body)).toMatchObject({ text: expect.stringMatching(/^\*Test notice\*/) as unknown });
    expect(bodies.find((body) => 'content' in body)).toMatchObject({ allowed_mentions: { parse: [] } });
  });

  it('sends mail by SMTP', async () => {
    let mail = '';
    const server = createTcpServer((socket) => {
      let isData = false;
      socket.write('220 test ESMTP\r\n');
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        const text = chunk.toString();
        mail += text;
        if (isData) {
          if (!mail.includes('\r\n.\r\n')) return;
          isData = false;
          socket.write('250 queued\r\n');
        } else if (text.startsWith('DATA')) {
          isData = true;
          socket.write('354 go on\r\n');
        } else socket.write(text.startsWith('QUIT') ? '221 bye\r\n' : '250 ok\r\n');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await testChannel(test.core, {
      id: await channel('email', { to: ['ops@example.com'], from: 'tidemark@example.com', host: '127.0.0.1', port }),
    });
    await dispatch();
    server.close();
    expect((await listDeliveries(test.core, { limit: 1 })).items).toMatchObject([{ status: 'delivered', last_error: null }]);
    expect(mail).toContain('RCPT TO:<ops@example.com>');
    expect(mail).toContain('Subject: Test notice');
  });

  it('tells nothing of the settings of a channel in its test notice', async () => {
    const id = await channel();
    await testChannel(test.core, { id });
    await dispatch();
    const [notice] = receiver.received;
    expect(JSON.parse(notice?.body ?? '{}')).toMatchObject({ type: 'channel.test', data: { channel: { id, name: expect.any(String) } } });
    expect(notice?.body).not.toMatch(/secret|config|"url"/);
  });

  it('does not go where the policy forbids, and says so', async () => {
    await testChannel(test.core, { id: await channel() });
    await dispatchDeliveries(test.core, createNoticeSender({ policy: () => ({ allow: [] }), now: () => Date.now() }));
    const [delivery] = (await listDeliveries(test.core, { limit: 1 })).items;
    expect(delivery).toMatchObject({ status: 'queued', attempts: 1 });
    expect(delivery?.last_error).toMatch(/loopback/);
    expect(receiver.received).toHaveLength(0);
  });

  it('switches off the channel of a receiver that is gone for good, and says so there and in the audit log', async () => {
    const gone = await channel();
    receiver.status = 410;
    const id = await monitor([gone]);
    await run(id, false);
    await run(id, false);
    await dispatch();
    const [delivery] = (await listDeliveries(test.core, { limit: 1 })).items;
    expect(delivery).toMatchObject({
      status: 'failed',
      attempts: 1,
      last_error: 'The receiver answered 410. The channel is switched off.',
    });
    expect(await getChannel(test.core, { id: gone })).toMatchObject({ is_enabled: false });
    const { items } = await listAudit(test.core, { target: gone, limit: 10 });
    const details = { is_enabled: [true, false], reason: [null, 'The receiver answered 410.'] };
    expect(items).toMatchObject([{ actor_kind: 'system', actor_id: null, action: 'channels.update', outcome: 'done', details }]);
    expect(await verifyAudit(test.core, {})).toMatchObject({ is_intact: true });
  });

  it('does not switch a channel off without its entry in the audit log', async () => {
    const { db } = test.core.database;
    const gone = await channel();
    receiver.status = 410;
    await testChannel(test.core, { id: gone });
    await sql`alter table audit_head rename to audit_head_away`.execute(db);
    await expect(dispatch()).rejects.toThrow('audit_head');
    await sql`alter table audit_head_away rename to audit_head`.execute(db);
    expect(await getChannel(test.core, { id: gone })).toMatchObject({ is_enabled: true });
    await sql`update delivery set leased_until = now() - interval '1 s' where status = 'sending'`.execute(db);
    await dispatch();
    expect(await getChannel(test.core, { id: gone })).toMatchObject({ is_enabled: false });
    expect((await listAudit(test.core, { target: gone, limit: 10 })).items).toHaveLength(1);
  });

  it('tries again, and leaves on, a channel that was changed while its old receiver said that it is gone', async () => {
    const id = await channel();
    receiver.status = 410;
    await testChannel(test.core, { id });
    const changing = {
      async send(...[notice, signal]: Parameters<typeof sender.send>) {
        const outcome = await sender.send(notice, signal);
        await updateChannel(test.core, { id, config: { url: `${url}/new` } });
        receiver.status = 200;
        return outcome;
      },
    };
    await dispatchDeliveries(test.core, changing);
    expect(await getChannel(test.core, { id })).toMatchObject({ is_enabled: true });
    expect((await listDeliveries(test.core, { limit: 1 })).items).toMatchObject([{ status: 'queued', attempts: 1 }]);
    await dueNow();
    await dispatch();
    expect((await listDeliveries(test.core, { limit: 1 })).items).toMatchObject([{ status: 'delivered', attempts: 2 }]);
  });

  it('signs with the old secret, too, for a day after it was changed, and shows neither', async () => {
    const id = await channel('webhook', { url, secret: 'first secret' });
    await updateChannel(test.core, { id, config: { url, secret: 'second secret' } });
    const shown = await updateChannel(test.core, { id, config: { url } });
    expect(shown).toMatchObject({ has_secret: true, config: { url } });
    expect(JSON.stringify(shown)).not.toMatch(/first|second|previous/);
    const signaturesAt = async (nowMs: number): Promise<string[]> => {
      await testChannel(test.core, { id });
      await dispatchDeliveries(test.core, createNoticeSender({ policy: () => ({ allow: [], allow_loopback: true }), now: () => nowMs }));
      const { headers, body } = receiver.received.at(-1) ?? { headers: {}, body: '' };
      const text = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
      const names = new Map(
        ['first', 'second'].map((name) => [`v1,${createHmac('sha256', `${name} secret`).update(text).digest('base64')}`, name]),
      );
      return String(headers['webhook-signature'])
        .split(' ')
        .map((signature) => names.get(signature) ?? 'another');
    };
    const now = test.core.now();
    expect(await signaturesAt(now)).toEqual(['second', 'first']);
    expect(await signaturesAt(now + 25 * 3_600_000)).toEqual(['second']);
    await expect(updateChannel(test.core, { id, config: { url, previous_secret: 'x' } })).rejects.toMatchObject({ code: 'VALIDATION' });
  });

  it('never shows a secret, keeps it when a change leaves it out, and names what does not fit', async () => {
    const id = await channel('webhook', { url, secret: 'very secret', headers: { authorization: 'Bearer x' } });
    expect(JSON.stringify(await getChannel(test.core, { id }))).not.toMatch(/very secret|Bearer/);
    const changed = await updateChannel(test.core, { id, config: { url: 'https://example.com/other' } });
    expect(changed).toMatchObject({ has_secret: true, config: { url: 'https://example.com/other' } });
    const chat = await getChannel(test.core, { id: await channel('slack', { url: 'https://hooks.example.com/services/T0/B0/key' }) });
    expect(chat.config).toEqual({ url: 'https://hooks.example.com/…' });
    await expect(channel('webhook', { url: 'file:///etc/passwd' })).rejects.toMatchObject({
      code: 'VALIDATION',
      issues: [{ path: 'config.url' }],
    });
    await expect(channel('email', { to: [], from: 'x' })).rejects.toMatchObject({ code: 'VALIDATION' });
  });
});
