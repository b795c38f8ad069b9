import { createClient, isAppError } from '@tidemark/api/client';
import { engines } from '@tidemark/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

const WORKER = { name: 'w', worker_type: 'test', version: '1', isolations: ['process'], kinds: ['command'], queues: ['default'], slots: 4 };

interface Job {
  job_id: string;
  lease_epoch: number;
}

describe.each(engines())('workloads over HTTP on %s', (engine) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function create(body: object = {}): Promise<string> {
    const { json } = await server.send('POST /v1/workloads', { kind: 'command', payload: { command: 'true' }, ...body });
    return (json as { id: string }).id;
  }

  async function register(kinds: string[]): Promise<string> {
    const { json } = await server.send('POST /v1/workers', { ...WORKER, kinds, name: kinds.join() });
    return (json as { worker_id: string }).worker_id;
  }

  async function claimOne(kind: string): Promise<Job & { worker_id: string }> {
    const id = await create({ kind });
    const workerId = await register([kind]);
    const { json } = await server.send('POST /v1/jobs/claim', { worker_id: workerId, max: 1 });
    const [job] = (json as { jobs: Job[] }).jobs;
    expect(job?.job_id).toBe(id);
    return { job_id: id, lease_epoch: job?.lease_epoch ?? -1, worker_id: workerId };
  }

  it('answers a creation with 201 and the whole workload', async () => {
    const created = await server.send('POST /v1/workloads', { kind: 'command', payload: { command: ['true'] }, labels: { team: 'data' } });
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({ kind: 'command', isolation: 'process', status: 'pending', labels: { team: 'data' }, attempt: 0 });
    const { id } = created.json as { id: string };
    const read = await server.get(`/v1/workloads/${id}`);
    expect(read.status).toBe(200);
    expect(read.json).toMatchObject({ id, payload: { command: ['true'] }, attempts: [] });
  });

  it('answers the same idempotency key with the first workload, and refuses another body', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await server.send('POST /v1/workloads', { kind: 'command' }, headers);
    const again = await server.send('POST /v1/workloads', { kind: 'command' }, headers);
    const other = await server.send('POST /v1/workloads', { kind: 'command', priority: 1 }, headers);
    expect((again.json as { id: string }).id).toBe((first.json as { id: string }).id);
    expect(other).toMatchObject({ status: 409, json: { code: 'CONFLICT' } });
    const twice = await server.send('POST /v1/workloads', { kind: 'command', idempotency_key: 'two' }, headers);
    expect(twice).toMatchObject({ status: 400, json: { code: 'VALIDATION', issues: [{ path: 'idempotency_key' }] } });
  });

  it('creates a batch, and nothing of it when one is wrong', async () => {
    const queue = 'batch-only';
    const item = { kind: 'command', queue };
    const wrong = await server.send('POST /v1/workloads/batch', { items: [item, { ...item, priority: 5000 }] });
    expect(wrong).toMatchObject({ status: 400, json: { issues: [{ path: 'items.1.priority' }] } });
    expect((await server.get(`/v1/workloads?queue=${queue}`)).json).toMatchObject({ items: [] });
    const made = await server.send('POST /v1/workloads/batch', { items: [item, item, item] });
    expect(made.status).toBe(201);
    const ids = (made.json as { items: { id: string }[] }).items.map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
  });

  it('pages a list without losing or repeating anything', async () => {
    const queue = 'paged';
    await server.send('POST /v1/workloads/batch', { items: Array.from({ length: 5 }, () => ({ kind: 'command', queue })) });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await server.get(`/v1/workloads?queue=${queue}&limit=2${cursor === null ? '' : `&cursor=${cursor}`}`);
      const { items, next_cursor: next } = page.json as { items: { id: string }[]; next_cursor: string | null };
      seen.push(...items.map(({ id }) => id));
      cursor = next;
    } while (cursor !== null);
    expect(seen).toHaveLength(5);
    expect(seen).toEqual(seen.toSorted().toReversed());
  });

  it('runs a workload through an agent', async () => {
    const job = await claimOne('agent-run');
    const reported = await server.send('POST /v1/jobs/report', {
      worker_id: job.worker_id,
      items: [
        {
          op: 'complete',
          job_id: job.job_id,
          lease_epoch: job.lease_epoch,
          exit_code: 0,
          output: 'hello\n',
          duration_ms: 10,
          keys_scanned: 5,
        },
      ],
      claim: { max: 1 },
    });
    expect(reported).toMatchObject({ status: 200, json: { results: [{ job_id: job.job_id, ok: true }], jobs: [] } });
    expect((await server.get(`/v1/workloads/${job.job_id}`)).json).toMatchObject({
      status: 'completed',
      exit_code: 0,
      output: 'hello\n',
      attempts: [{ outcome: 'completed' }],
    });
  });

  it('refuses a report under an old epoch and a second, different end', async () => {
    const job = await claimOne('fenced');
    const path = `/v1/jobs/${job.job_id}/complete`;
    const old = await server.send(`POST ${path}`, { lease_epoch: job.lease_epoch - 1, exit_code: 0 });
    expect(old).toMatchObject({ status: 409, json: { code: 'LEASE_STALE', data: { current_epoch: job.lease_epoch } } });
    expect((await server.send(`POST ${path}`, { lease_epoch: job.lease_epoch, exit_code: 0 })).json).toEqual({
      job_id: job.job_id,
      ok: true,
    });
    const second = await server.send(`POST /v1/jobs/${job.job_id}/fail`, { lease_epoch: job.lease_epoch, error: 'late', retryable: false });
    expect(second).toMatchObject({ status: 409, json: { code: 'LEASE_STALE' } });
  });

  it('answers a claim as soon as there is work', async () => {
    const workerId = await register(['later']);
    const claim = server.send('POST /v1/jobs/claim', { worker_id: workerId, max: 1, wait_ms: 30_000 });
    const id = await create({ kind: 'later' });
    expect((await claim).json).toMatchObject({ jobs: [{ job_id: id }] });
  });

  it('refuses a forbidden change of status and an unknown workload', async () => {
    const id = await create();
    const refused = await server.send(`PATCH /v1/workloads/${id}`, { status: 'completed' });
    expect(refused).toMatchObject({ status: 409, json: { code: 'INVALID_TRANSITION', data: { from: 'pending', to: 'completed' } } });
    expect(await server.send('PATCH /v1/workloads/wl_none', { status: 'running' })).toMatchObject({
      status: 404,
      json: { code: 'NOT_FOUND', data: { id: 'wl_none' } },
    });
  });

  it('lets an external executor report a workload', async () => {
    const id = await create();
    expect((await server.send(`PATCH /v1/workloads/${id}`, { status: 'running' })).json).toMatchObject({
      status: 'running',
      status_reason: 'external',
    });
    const done = await server.send(`PATCH /v1/workloads/${id}`, { status: 'completed', exit_code: 0, output: 'x', duration_ms: 1250 });
    expect(done.json).toMatchObject({ status: 'completed', exit_code: 0, duration_ms: 1250 });
  });

  it('cancels and retries without a body', async () => {
    const id = await create({ queue: 'cancelled-ones' });
    expect((await server.send(`POST /v1/workloads/${id}/cancel`)).json).toMatchObject({ status: 'cancelled', status_reason: 'requested' });
    expect((await server.send(`POST /v1/workloads/${id}/retry`)).json).toMatchObject({ status: 'pending' });
    expect(await server.send(`POST /v1/workloads/${id}/retry`)).toMatchObject({ status: 409, json: { code: 'INVALID_TRANSITION' } });
  });

  it('counts with every key present', async () => {
    const stats = await server.get('/v1/stats');
    expect(stats.status).toBe(200);
    const {
      total,
      by_status: byStatus,
      by_isolation: byIsolation,
    } = stats.json as { total: number; by_status: Record<string, number>; by_isolation: Record<string, number> };
    expect(Object.keys(byStatus).toSorted()).toEqual(['cancelled', 'completed', 'failed', 'pending', 'running']);
    expect(Object.keys(byIsolation).toSorted()).toEqual(['gvisor', 'isolate', 'microvm', 'process']);
    expect(Object.values(byStatus).reduce((sum, count) => sum + count, 0)).toBe(total);
    expect(total).toBeGreaterThan(0);
  });

  it('speaks the same to the typed client', async () => {
    const client = createClient({ url: server.url });
    const made = await client.workloads.create.mutate({ kind: 'command', payload: { command: 'true' } });
    const [read, list] = await Promise.all([client.workloads.get.query({ id: made.id }), client.workloads.list.query({ limit: 1 })]);
    expect(read.id).toBe(made.id);
    expect(list.items).toHaveLength(1);
    const missing = await client.workloads.get.query({ id: 'wl_none' }).catch((error: unknown) => error);
    expect(isAppError(missing, 'NOT_FOUND')).toBe(true);
    const wrong = await client.workloads.create.mutate({ kind: 'command', priority: 1e9 }).catch((error: unknown) => error);
    expect(isAppError(wrong, 'VALIDATION')).toBe(true);
  });
});
