import { createClient } from '@tidemark/api/client';
import { engines, waitUntil, LiveReader } from '@tidemark/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

describe.each(engines())('live events over HTTP on %s', (engine) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function create(body: object = {}): Promise<string> {
    const { json } = await server.send('POST /v1/workloads', { kind: 'command', ...body });
    return (json as { id: string }).id;
  }

  it('starts with what happened and goes on with what happens', async () => {
    const id = await create();
    await using live = await LiveReader.open(`${server.url}/v1/workloads/${id}/live`);
    expect(live.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const first = await live.next();
    expect(first).toMatchObject({ event: 'message', data: { stream: id } });
    expect(first?.id).toBe(first?.data['id']);
    await server.send(`POST /v1/workloads/${id}/cancel`);
    const frames = await live.until(({ data }) => JSON.stringify(data).includes('cancelled'));
    for (const frame of frames) expect(typeof frame.data['type']).toBe('string');
    expect(live.received).toMatch(/^retry: [0-9]+\n\n/);
  });

  it.each(['header', 'query'])('resumes after the last event without a gap or a duplicate, told by %s', async (by) => {
    const id = await create();
    const url = `${server.url}/v1/workloads/${id}/live`;
    await server.send(`POST /v1/workloads/${id}/cancel`);
    await server.send(`POST /v1/workloads/${id}/retry`);
    await server.send(`POST /v1/workloads/${id}/cancel`);
    const all: (string | null)[] = [];
    {
      await using live = await LiveReader.open(url);
      let cancels = 0;
      const frames = await live.until(({ data }) => data['type'] === 'workload.cancelled' && (cancels += 1) === 2);
      all.push(...frames.map((frame) => frame.id));
    }
    expect(all.length).toBeGreaterThanOrEqual(4);
    const [first] = all;
    await using again =
      by === 'header'
        ? await LiveReader.open(url, { 'last-event-id': first ?? '' })
        : await LiveReader.open(`${url}?last_event_id=${first}`);
    const rest = await again.until((frame) => frame.id === all.at(-1));
    expect(rest.map((frame) => frame.id)).toEqual(all.slice(1));
  });

  it('says that there is a gap when the last event is of another log', async () => {
    const id = await create();
    await using live = await LiveReader.open(`${server.url}/v1/workloads/${id}/live`, { 'last-event-id': '0zzz.5' });
    expect(await live.next()).toMatchObject({ event: 'gap', data: { type: 'gap' } });
  });

  it('answers 404 for a workload that does not exist', async () => {
    expect(await server.get('/v1/workloads/wl_none/live')).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
  });

  it('refuses a HEAD, which would leave a stream behind', async () => {
    expect((await server.send('HEAD /v1/events/live')).status).toBe(405);
  });

  it('carries the changes of all workloads, filtered by kind', async () => {
    await using live = await LiveReader.open(`${server.url}/v1/events/live?stream=workloads&kind=wanted`);
    // Where it starts is settled before it answers: nothing created from here on can be missed.
    await create({ kind: 'unwanted' });
    const id = await create({ kind: 'wanted' });
    const frames = await live.until(({ data }) => JSON.stringify(data).includes(id));
    expect(JSON.stringify(frames)).not.toContain('unwanted');
  });

  it('reaches the typed client with ids to resume from', async () => {
    const id = await create();
    const client = createClient({ url: server.url });
    const seen: string[] = [];
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const subscription = client.workloads.live.subscribe(
      { id },
      {
        onData: ({ id: eventId, data }) => {
          expect(eventId).toBe(data.id);
          seen.push(data.type);
          if (seen.length === 1) void server.send(`POST /v1/workloads/${id}/cancel`);
          if (JSON.stringify(data).includes('cancelled')) resolve();
        },
        onError: reject,
      },
    );
    await promise;
    subscription.unsubscribe();
    expect(seen.length).toBeGreaterThanOrEqual(2);
  });
});

describe('a stopping server', () => {
  it('ends its streams and answers parked polls with no jobs', async () => {
    const server = await startTestServer('pglite');
    const { json } = await server.send('POST /v1/workers', {
      name: 'w',
      worker_type: 't',
      version: '1',
      isolations: ['process'],
      kinds: ['none'],
      slots: 1,
    });
    const poll = server.send('POST /v1/jobs/claim', { worker_id: (json as { worker_id: string }).worker_id, max: 1, wait_ms: 60_000 });
    await using live = await LiveReader.open(`${server.url}/v1/events/live`);
    await waitUntil(() => expect(server.running.core.figures().parked_claims).toBe(1));
    const started = performance.now();
    await server[Symbol.asyncDispose]();
    expect(await poll).toMatchObject({ status: 200, json: { jobs: [] } });
    expect(await live.next()).toBeNull();
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});
