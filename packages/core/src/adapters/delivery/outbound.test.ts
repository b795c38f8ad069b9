import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { INSIDE_HOSTS, oddTargets, openCanary } from '@tidemark/egress/testing';
import { expect, test } from 'vitest';
import type { OutgoingNotice } from '../../ports/index.ts';
import { createNoticeSender } from './index.ts';

const never = new AbortController().signal;

function noticeTo(type: OutgoingNotice['channel_type'], config: Record<string, unknown>): OutgoingNotice {
  const notice = { type: 'outage.opened', timestamp: '2026-01-01T00:00:00.000Z', title: 'down', text: 'down', data: {} };
  return { id: 'dlv_1', channel_type: type, config, notice };
}

test('no channel reaches inside, however its receiver is spelled', async () => {
  await using canary = await openCanary();
  const sender = createNoticeSender({ policy: () => ({ allow: [] }), now: () => 0 });
  const urls = [...INSIDE_HOSTS.map((host) => `http://${host}:${canary.port}/`), ...oddTargets(canary.port)];
  for (const url of urls) {
    for (const type of ['webhook', 'slack', 'discord'] as const)
      expect((await sender.send(noticeTo(type, { url }), never)).ok, `${type} ${url}`).toBe(false);
  }
  for (const host of INSIDE_HOSTS) {
    const config = { host: host.replace(/^\[|\]$/g, ''), port: canary.port, from: 'a@example.org', to: ['b@example.org'] };
    expect((await sender.send(noticeTo('email', config), never)).ok, host).toBe(false);
  }
  expect(canary.connection_count).toBe(0);
});

test('a redirect of a webhook is a failure and is not followed', async () => {
  await using canary = await openCanary();
  const site = createServer((_request, response) => void response.writeHead(307, { location: `http://127.0.0.1:${canary.port}/` }).end());
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
  const sender = createNoticeSender({ policy: () => ({ allow: [], allow_loopback: true }), now: () => 0 });
  expect(await sender.send(noticeTo('webhook', { url }), never)).toMatchObject({ ok: false, error: 'The receiver answered 307.' });
  site.close();
  expect(canary.connection_count).toBe(0);
});

test.each([
  [200, {}, { ok: true }],
  [204, {}, { ok: true }],
  [301, {}, { ok: false, is_final: false, retry_after_ms: null }],
  [400, {}, { ok: false, is_final: false, retry_after_ms: null }],
  [401, {}, { ok: false, is_final: false, retry_after_ms: null }],
  [404, {}, { ok: false, is_final: false, retry_after_ms: null }],
  [410, {}, { ok: false, is_final: true }],
  [429, { 'retry-after': '7' }, { ok: false, is_final: false, retry_after_ms: 7000 }],
  [429, { 'retry-after': '-1' }, { ok: false, is_final: false, retry_after_ms: null }],
  [500, {}, { ok: false, is_final: false, retry_after_ms: null }],
  [503, { 'retry-after': 'soon' }, { ok: false, is_final: false, retry_after_ms: null }],
])('a webhook that answers %i %j is %j', async (status, headers, outcome) => {
  const site = createServer((_request, response) => void response.writeHead(status, headers).end());
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
  const sender = createNoticeSender({ policy: () => ({ allow: [], allow_loopback: true }), now: () => 0 });
  expect(await sender.send(noticeTo('webhook', { url }), never)).toMatchObject(outcome);
  site.close();
});
