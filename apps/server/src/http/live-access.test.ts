import { createClient } from '@tidemark/api/client';
import { engines, LiveReader } from '@tidemark/core/testing';
import { describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

const ADMIN_KEY = 'bootstrap-admin-key-0123456789';
const ADMIN = { authorization: `Bearer ${ADMIN_KEY}` };
const PASSWORD = 'correct horse battery staple';

async function makeKey(server: TestServer): Promise<{ id: string; key: string }> {
  return (await server.send('POST /v1/keys', { name: 'reader', role: 'viewer' }, ADMIN)).json as { id: string; key: string };
}

/** The frames a stream still gets until it ends by itself. */
async function untilEnd(reader: LiveReader): Promise<{ event: string; code: unknown }[]> {
  const frames: { event: string; code: unknown }[] = [];
  for (let frame = await reader.next(); frame !== null; frame = await reader.next())
    frames.push({ event: frame.event, code: frame.data['code'] });
  return frames;
}

async function endsAfter(reader: LiveReader, change: () => Promise<unknown>): Promise<void> {
  await change();
  expect(await untilEnd(reader)).toEqual([{ event: 'error', code: 'UNAUTHORIZED' }]);
}

describe.each(engines())('a live stream on %s', (engine) => {
  it('ends when its key is revoked, its person disabled or its session ended, and others go on', async () => {
    await using server = await startTestServer(engine, { config: { admin_key: ADMIN_KEY } });
    const url = `${server.url}/v1/events/live`;
    const { id, key } = await makeKey(server);
    const user = (await server.send('POST /v1/users', { email: 'a@example.com', role: 'viewer', password: PASSWORD }, ADMIN)).json as {
      id: string;
    };
    const signIn = async (): Promise<Record<string, string>> => {
      const answer = await server.send('POST /v1/session', { email: 'a@example.com', password: PASSWORD }, { origin: server.url });
      return { cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '', origin: server.url };
    };
    const [first, second] = [await signIn(), await signIn()];
    await using staying = await LiveReader.open(url, ADMIN);
    await using byKey = await LiveReader.open(url, { authorization: `Bearer ${key}` });
    await using bySession = await LiveReader.open(url, first);
    await using byUser = await LiveReader.open(url, second);
    for (const reader of [byKey, bySession, byUser]) expect(reader.response.status).toBe(200);
    await endsAfter(byKey, () => server.send(`POST /v1/keys/${id}/revoke`, undefined, ADMIN));
    await endsAfter(bySession, () => server.send('DELETE /v1/session', undefined, first));
    await endsAfter(byUser, () => server.send(`PATCH /v1/users/${user.id}`, { is_disabled: true }, ADMIN));
    await server.send('POST /v1/workloads', { kind: 'command' }, ADMIN);
    expect((await staying.next())?.event).toBe('message');
  });

  it('ends when its key runs out, which nobody announces', async () => {
    await using server = await startTestServer(engine, { config: { admin_key: ADMIN_KEY } });
    const { id, key } = await makeKey(server);
    await using reader = await LiveReader.open(`${server.url}/v1/events/live`, { authorization: `Bearer ${key}` });
    await server.running.core.database.db
      .updateTable('api_key')
      .set({ expires_at: new Date().toISOString() })
      .where('id', '=', id)
      .execute();
    expect(await untilEnd(reader)).toEqual([{ event: 'error', code: 'UNAUTHORIZED' }]);
  });

  it('of an open server ends when the first account closes it', async () => {
    await using server = await startTestServer(engine);
    await using reader = await LiveReader.open(`${server.url}/v1/events/live`);
    const token = new URL(server.running.setup_url ?? '').hash.replace('#token=', '');
    await endsAfter(reader, () => server.send('POST /v1/setup', { token, email: 'a@example.com', password: PASSWORD }));
  });

  it('over tRPC ends with the refusal, for good', async () => {
    await using server = await startTestServer(engine, { config: { admin_key: ADMIN_KEY } });
    const { id, key } = await makeKey(server);
    const client = createClient({ url: server.url, key });
    const ended = Promise.withResolvers<unknown>();
    const started = Promise.withResolvers<void>();
    const subscription = client.events.watch.subscribe(
      {},
      { onStarted: () => started.resolve(), onError: (error) => ended.resolve(error) },
    );
    await started.promise;
    await server.send(`POST /v1/keys/${id}/revoke`, undefined, ADMIN);
    expect(await ended.promise).toMatchObject({ data: { app_code: 'UNAUTHORIZED' } });
    subscription.unsubscribe();
  });

  it('of a worker in a long poll ends as well: no job goes to a revoked key', async () => {
    await using server = await startTestServer(engine, { config: { admin_key: ADMIN_KEY } });
    const made = await server.send('POST /v1/keys', { name: 'agent', role: 'worker' }, ADMIN);
    const { id, key } = made.json as { id: string; key: string };
    const headers = { authorization: `Bearer ${key}` };
    const worker = { name: 'w', worker_type: 't', version: '1', isolations: ['process'], kinds: ['command'], slots: 1 };
    const { worker_id } = (await server.send('POST /v1/workers', worker, headers)).json as { worker_id: string };
    const poll = server.send('POST /v1/jobs/claim', { worker_id, wait_ms: 30_000 }, headers);
    await expect.poll(() => server.running.core.figures().parked_claims).toBe(1);
    await server.send(`POST /v1/keys/${id}/revoke`, undefined, ADMIN);
    expect((await poll).json).toEqual({ jobs: [] });
    await server.send('POST /v1/workloads', { kind: 'command' }, ADMIN);
    expect((await server.get('/v1/stats', ADMIN)).json).toMatchObject({ by_status: { pending: 1, running: 0 } });
  });
});
