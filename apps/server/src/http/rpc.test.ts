import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer('pglite');
});
afterAll(() => server[Symbol.asyncDispose]());

interface Reply {
  result?: { data: Record<string, unknown> };
  error?: { message: string; code: number; data: Record<string, unknown> };
}

/** The same call on its own, which our adapter answers, and as a batch of one, which the stock adapter answers. */
async function bothWays(procedure: string, input: unknown): Promise<{ single: Reply; batched: Reply; statuses: number[] }> {
  const single = await server.send(`POST /trpc/${procedure}`, JSON.stringify(input));
  const batched = await server.send(`POST /trpc/${procedure}?batch=1`, { 0: input });
  const [first = {}] = batched.json as Reply[];
  return { single: single.json as Reply, batched: first, statuses: [single.status, batched.status] };
}

describe('a mutation sent alone', () => {
  it.each([
    ['workloads.create', { kind: 'command', priority: 1e9 }],
    ['workloads.create', { kind: 'command', colour: 'red' }],
    ['workloads.cancel', { id: 'wl_none' }],
    ['jobs.complete', { job_id: 'wl_none', lease_epoch: 1 }],
    ['jobs.claim', { worker_id: 'wk_none' }],
    ['keys.revoke', {}],
    ['workloads.create', 'text'],
    ['workloads.create', null],
  ])('is refused like one in a batch: %s %j', async (procedure, input) => {
    const { single, batched, statuses } = await bothWays(procedure, input);
    expect(single.error).toBeDefined();
    expect(single).toEqual(batched);
    expect(statuses[0]).toBe(statuses[1]);
    expect(single.error?.data['httpStatus']).toBe(statuses[0]);
  });

  it('is answered like one in a batch', async () => {
    const { single, batched, statuses } = await bothWays('workloads.create', { kind: 'command', idempotency_key: 'both-ways' });
    expect(statuses).toEqual([200, 200]);
    expect(single.result?.data['status']).toBe('pending');
    expect(single).toEqual(batched);
  });
});

describe('a batch', () => {
  it('answers each call on its own', async () => {
    const answer = await server.send('POST /trpc/workloads.create,workloads.cancel?batch=1', {
      0: { kind: 'command' },
      1: { id: 'wl_none' },
    });
    expect(answer.status).toBe(207);
    expect(answer.json).toMatchObject([{ result: { data: { status: 'pending' } } }, { error: { data: { app_code: 'NOT_FOUND' } } }]);
  });

  it('is bounded in bytes like any other body', async () => {
    const answer = await server.send('POST /trpc/workloads.create?batch=1', { 0: { kind: 'command', payload: 'x'.repeat(2_000_000) } });
    expect(answer).toMatchObject({ status: 413, json: { error: { data: { app_code: 'PAYLOAD_TOO_LARGE' } } } });
  });
});
