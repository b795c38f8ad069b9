import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { findPostgres } from '@tidemark/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rest } from './rest.ts';
import { System, waitUntil } from './system.ts';
import { Targets } from './targets.ts';

interface Run {
  passed: boolean;
  duration_ms: number;
  error: string | null;
}

interface Outage {
  id: string;
  status: string;
  alert_sent: boolean;
  opened_at: string;
  resolved_at: string | null;
}

const TRY_MS = 3000;
/** A try, a second of telling, and a machine that is busy. */
const AT_MOST_MS = 10 * TRY_MS;

describe.skipIf(findPostgres() === null)('monitors of hostile targets, on real processes', () => {
  let under: System;
  let targets: Targets;
  let rest: Rest;

  beforeAll(async () => {
    under = await System.start({ servers: 1, agents: 1, slots: 8 });
    targets = await Targets.open();
    rest = new Rest(under.servers[0]?.url ?? '');
  });
  afterAll(async () => {
    await targets[Symbol.asyncDispose]();
    await under[Symbol.asyncDispose]();
  });

  const create = async (body: object): Promise<string> =>
    (await rest.ask<{ id: string }>('POST /api/tests', { name: 'Page', url: targets.url, status: 'paused', timeout_ms: TRY_MS, ...body }))
      .id;
  const run = (id: string): Promise<Run> => rest.ask<Run>(`POST /api/tests/${id}/run?wait=true`);
  const matching = (value: string): object => ({
    type: 'http',
    url: `${targets.url}/long`,
    assert: [{ source: 'body', op: 'matches', value }],
  });

  const ways: [string, () => object, RegExp][] = [
    [
      '10 GB behind a small gzip',
      () => ({ steps: [{ type: 'http', url: `${targets.url}/bomb`, assert: [{ source: 'body', op: 'contains', value: 'x' }] }] }),
      /body/,
    ],
    ['one byte a second', () => ({ url: `${targets.url}/drip` }), /3000 ms|timed out/],
    ['redirects without end', () => ({ url: `${targets.url}/redirect` }), /redirect/],
    ['no TLS where it should be', () => ({ url: targets.tlsUrl }), /TLS/i],
    ['silence', () => ({ url: targets.silentUrl }), /3000 ms|timed out/],
    ['a page that never answers', () => ({ url: `${targets.url}/held` }), /3000 ms|timed out/],
    ['a pattern that explodes', () => ({ steps: [matching('^(a|a|aa)+$')] }), /pattern timed out/],
    ['a name that is no host', () => ({ url: 'http://nothing.invalid/' }), /nothing\.invalid/],
    ['a port nobody listens on', () => ({ url: 'http://127.0.0.1:9' }), /./],
    ['an address inside', () => ({ url: 'http://10.0.0.1/' }), /private address/],
    ['the metadata of a cloud', () => ({ url: 'http://169.254.169.254/latest/' }), /metadata/],
  ];

  it('ends every run in time, failed with its reason, and goes on working', async () => {
    const runs = await Promise.all(
      ways.map(async ([name, body, reason]) => {
        const id = await create(body());
        return { name, reason, ...(await run(id)) };
      }),
    );
    for (const { name, reason, passed, error, duration_ms } of runs) {
      expect({ name, passed }).toEqual({ name, passed: false });
      expect(error, name).toMatch(reason);
      expect(duration_ms, name).toBeLessThan(AT_MOST_MS);
    }
    expect(await run(await create({}))).toMatchObject({ passed: true });
  });

  it('gives up on a page that opens dialogs for ever', async () => {
    const { items } = await rest.ask<{ items: { labels: Record<string, string> }[] }>('GET /v1/workers');
    if (!items.some((worker) => worker.labels['browser'] === 'chromium')) return;
    const steps = [{ type: 'browser', actions: [{ do: 'goto', url: `${targets.url}/dialogs` }] }];
    expect(await run(await create({ steps, timeout_ms: 10_000 }))).toMatchObject({
      passed: false,
      error: expect.stringContaining('dialogs') as unknown,
    });
  });

  it.each([
    ['POST /v1/workloads', { kind: 'monitor', queue: 'monitors', payload: { url: 'http://10.0.0.1/', egress: { allow: ['10.0.0.0/8'] } } }],
    ['POST /v1/workloads/batch', { items: [{ kind: 'monitor', queue: 'monitors', payload: {} }] }],
    ['POST /v1/workloads', { kind: 'publish', payload: { publication_id: 'pub_1', attempt: 1 } }],
  ])('lets nobody choose where a run may go: %s', async (call, body) => {
    expect(await rest.call(call, body)).toMatchObject({ status: 400, json: { code: 'VALIDATION' } });
  });

  it('delivers an outage after its receiver was away, once per channel, with its true times', async () => {
    const received: { path: string; type: string; data: { outage: Outage } }[] = [];
    let isAway = true;
    const receiver = createServer((request, response) => {
      // Away is a connection that breaks, as from a proxy whose backend is gone.
      if (isAway) return void request.socket.destroy();
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        received.push({ path: request.url ?? '', ...(JSON.parse(body) as { type: string; data: { outage: Outage } }) });
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const address = receiver.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const told = (from: number): string[] =>
      received
        .slice(from)
        .map(({ path, type }) => `${path} ${type}`)
        .toSorted();
    const channel_ids: string[] = [];
    for (const name of ['one', 'two']) {
      const channel = { name, type: 'webhook', config: { url: `http://127.0.0.1:${port}/${name}` } };
      channel_ids.push((await rest.ask<{ id: string }>('POST /v1/channels', channel)).id);
    }
    const id = await create({ url: `${targets.url}/nothing-here`, alert: { channel_ids } });
    await run(id);
    const outages = async (): Promise<Outage | undefined> => (await rest.ask<{ items: Outage[] }>(`GET /api/tests/${id}/outages`)).items[0];
    const deliveries = (): Promise<{ items: { id: string; status: string; attempts: number }[] }> =>
      rest.ask(`GET /v1/deliveries?test_id=${id}`);
    await waitUntil(async () => {
      const { items } = await deliveries();
      expect(items.map(({ status, attempts }) => [status, attempts > 0])).toEqual([
        ['queued', true],
        ['queued', true],
      ]);
    });
    const opened = await outages();
    expect(opened).toMatchObject({ status: 'open', alert_sent: false });
    expect(await rest.ask(`GET /api/tests/${id}/incidents`)).toMatchObject({ incidents: [{ alert_sent: false }] });
    // Ten minutes later, as the ledger sees it: the server has tried again and again.
    await under.query(
      `update delivery set created_at = created_at - interval '10 minutes', attempts = 6, next_try_at = now() + interval '5 minutes'`,
    );
    isAway = false;
    for (const { id: delivery } of (await deliveries()).items) await rest.ask(`POST /v1/deliveries/${delivery}/retry`);
    await waitUntil(async () => expect(await outages()).toMatchObject({ alert_sent: true }));
    await waitUntil(() => expect(received).toHaveLength(2));
    expect(told(0)).toEqual(['/one outage.opened', '/two outage.opened']);
    for (const { data } of received) expect(data.outage).toMatchObject({ id: opened?.id, opened_at: opened?.opened_at, status: 'open' });
    expect(await rest.ask(`GET /api/tests/${id}/incidents`)).toMatchObject({ incidents: [{ alert_sent: true }] });
    await rest.ask(`PATCH /api/tests/${id}`, { url: targets.url });
    await run(id);
    await waitUntil(() => expect(received).toHaveLength(4));
    expect(told(2)).toEqual(['/one outage.resolved', '/two outage.resolved']);
    receiver.closeAllConnections();
    receiver.close();
  });

  it('sends what a server that was killed had in hand again, under the same id', async () => {
    const ids: string[] = [];
    let isHolding = true;
    const receiver = createServer((request, response) => {
      ids.push(String(request.headers['webhook-id']));
      // The first one hears nothing: its server dies meanwhile.
      if (!isHolding) response.writeHead(204).end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const config = { url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/held` };
    const { id } = await rest.ask<{ id: string }>('POST /v1/channels', { name: 'held', type: 'webhook', config });
    await rest.ask(`POST /v1/channels/${id}/test`);
    await waitUntil(() => expect(ids).toHaveLength(1));
    const [server] = under.servers;
    await server?.process.kill();
    isHolding = false;
    // A minute later, as the ledger sees it.
    await under.query(`update delivery set leased_until = now() - interval '1 s' where status = 'sending'`);
    await server?.process.start();
    await waitUntil(() => expect(ids).toHaveLength(2));
    expect(ids[1]).toBe(ids[0]);
    await waitUntil(async () => {
      expect(await rest.ask(`GET /v1/deliveries?channel_id=${id}`)).toMatchObject({ items: [{ status: 'delivered', attempts: 2 }] });
    });
    receiver.closeAllConnections();
    receiver.close();
  });
});
