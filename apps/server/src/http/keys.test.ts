import { engines, LiveReader, type Frame } from '@tidemark/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

const ADMIN_KEY = 'bootstrap-admin-key-0123456789';
const ADMIN = { authorization: `Bearer ${ADMIN_KEY}` };
const WORKER = { worker_type: 'test', version: '1', isolations: ['process'], kinds: ['command'], slots: 4 };

type Headers = Record<string, string>;
interface Job {
  readonly job_id: string;
  readonly lease_epoch: number;
}

describe.each(engines())('API keys on %s', (engine) => {
  let server: TestServer;
  let count = 0;

  beforeAll(async () => {
    server = await startTestServer(engine, { config: { admin_key: ADMIN_KEY } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function makeKey(input: object): Promise<{ id: string; headers: Headers }> {
    const made = await server.send('POST /v1/keys', { name: 'k', ...input }, ADMIN);
    expect(made.status, made.text).toBe(201);
    const { id, key } = made.json as { id: string; key: string };
    return { id, headers: { authorization: `Bearer ${key}` } };
  }

  async function register(headers: Headers, input: object = {}): Promise<string> {
    count += 1;
    const made = await server.send('POST /v1/workers', { ...WORKER, name: `w${count}`, ...input }, headers);
    expect(made.status, made.text).toBe(201);
    return (made.json as { worker_id: string }).worker_id;
  }

  async function create(input: object = {}, headers: Headers = ADMIN): Promise<string> {
    const made = await server.send('POST /v1/workloads', { kind: 'command', ...input }, headers);
    expect(made.status, made.text).toBe(201);
    return (made.json as { id: string }).id;
  }

  async function claim(worker_id: string, headers: Headers): Promise<Job> {
    const { jobs } = (await server.send('POST /v1/jobs/claim', { worker_id }, headers)).json as { jobs: Job[] };
    const [job] = jobs;
    if (job === undefined) throw new Error('nothing to claim');
    return { job_id: job.job_id, lease_epoch: job.lease_epoch };
  }

  describe('of workers', () => {
    it('touch only the workers that were registered with them', async () => {
      const [mine, other] = [await makeKey({ role: 'worker' }), await makeKey({ role: 'worker' })];
      const worker_id = await register(mine.headers);
      const job_id = await create();
      const job = await claim(worker_id, mine.headers);
      expect(job.job_id).toBe(job_id);
      const leases = [job];
      for (const [call, body] of [
        [`POST /v1/workers/${worker_id}/heartbeat`, { leases }],
        ['POST /v1/jobs/claim', { worker_id }],
        ['POST /v1/jobs/report', { worker_id, items: [{ op: 'complete', ...job }] }],
        ['POST /v1/workers', { ...WORKER, name: 'stolen', worker_id }],
      ] as const) {
        const answer = await server.send(call, body, other.headers);
        expect(answer, call).toMatchObject({ status: 403, json: { code: 'FORBIDDEN', data: { reason: 'other_key' } } });
      }
      expect((await server.get(`/v1/workers/${worker_id}/live`, other.headers)).status).toBe(403);
      for (const call of ['checkpoint', 'complete', 'release', 'output', 'fail', 'send']) {
        const extra = { output: { seq: 0, text: 'x' }, fail: { error: 'x', retryable: true } }[call] ?? {};
        const answer = await server.send(`POST /v1/jobs/${job_id}/${call}`, { lease_epoch: job.lease_epoch, ...extra }, other.headers);
        expect(answer, call).toMatchObject({ status: 409, json: { code: 'LEASE_STALE', data: { reason: 'other_worker' } } });
      }
      expect((await server.get(`/v1/workloads/${job_id}`, ADMIN)).json).toMatchObject({ status: 'running', worker_id });
      expect((await server.send(`POST /v1/jobs/${job_id}/complete`, { lease_epoch: job.lease_epoch }, mine.headers)).status).toBe(200);
      expect((await server.send(`POST /v1/jobs/${job_id}/complete`, { lease_epoch: job.lease_epoch }, other.headers)).status).toBe(409);
    });

    it('take over a worker that nobody owns, and one whose key is gone', async () => {
      const [first, second] = [await makeKey({ role: 'worker' }), await makeKey({ role: 'worker' })];
      const worker_id = await register(ADMIN);
      expect((await server.send(`POST /v1/workers/${worker_id}/heartbeat`, {}, first.headers)).status).toBe(200);
      expect((await server.send(`POST /v1/workers/${worker_id}/heartbeat`, {}, second.headers)).status).toBe(403);
      const again = { ...WORKER, name: `again${count}`, worker_id };
      expect((await server.send('POST /v1/workers', again, second.headers)).status).toBe(403);
      await server.send(`POST /v1/keys/${first.id}/revoke`, undefined, ADMIN);
      expect((await server.send('POST /v1/workers', again, second.headers)).status).toBe(201);
      expect((await server.send(`POST /v1/workers/${worker_id}/heartbeat`, {}, second.headers)).status).toBe(200);
    });

    it('with limits register only workers that keep to them', async () => {
      const { headers } = await makeKey({ role: 'worker', queues: ['video'], kinds: ['command'] });
      for (const input of [{}, { queues: ['video', 'default'] }, { queues: ['video'], kinds: ['command', 'script'] }]) {
        const answer = await server.send('POST /v1/workers', { ...WORKER, name: 'beyond', ...input }, headers);
        expect(answer).toMatchObject({ status: 403, json: { data: { reason: 'limits', queues: ['video'] } } });
      }
      const worker_id = await register(headers, { queues: ['video'] });
      const [inside] = [await create({ queue: 'video' }), await create()];
      expect((await claim(worker_id, headers)).job_id).toBe(inside);
      const wide = await register(ADMIN);
      expect((await server.send('POST /v1/jobs/claim', { worker_id: wide }, headers)).status).toBe(403);
    });
  });

  it('with limits create and see only what is within them', async () => {
    const { headers } = await makeKey({ role: 'operator', queues: ['mail'] });
    const refused = await server.send('POST /v1/workloads', { kind: 'command' }, headers);
    expect(refused).toMatchObject({ status: 403, json: { data: { reason: 'limits', queues: ['mail'] } } });
    const mixed = { items: [{ kind: 'command', queue: 'mail' }, { kind: 'command' }] };
    expect((await server.send('POST /v1/workloads/batch', mixed, headers)).status).toBe(403);
    const [inside, outside] = [await create({ queue: 'mail' }, headers), await create()];
    const list = (await server.get('/v1/workloads', headers)).json as { items: { id: string }[] };
    expect(list.items.map(({ id }) => id)).toEqual([inside]);
    expect((await server.get('/v1/workloads?queue=default', headers)).json).toMatchObject({ items: [] });
    expect((await server.get(`/v1/workloads/${inside}`, headers)).status).toBe(200);
    for (const call of [`GET /v1/workloads/${outside}`, `GET /v1/workloads/${outside}/live`]) {
      expect((await server.send(call, undefined, headers)).status, call).toBe(404);
    }
    for (const call of ['cancel', 'retry'])
      expect((await server.send(`POST /v1/workloads/${outside}/${call}`, {}, headers)).status).toBe(404);
    expect((await server.send(`PATCH /v1/workloads/${outside}`, { status: 'running' }, headers)).status).toBe(404);
    expect((await server.get(`/v1/workloads/${outside}`, ADMIN)).json).toMatchObject({ status: 'pending' });
    for (const path of ['/v1/stats', '/v1/events', '/api/tests']) expect((await server.get(path, headers)).status, path).toBe(403);
  });

  it('that may not see payloads are told what is withheld, in every view of a workload', async () => {
    const { headers } = await makeKey({ role: 'operator', sees_payloads: false });
    const agent = await makeKey({ role: 'worker' });
    const id = await create({ queue: 'secret', payload: { command: 'echo top-secret-in' } });
    const worker_id = await register(agent.headers, { queues: ['secret'] });
    const job = await claim(worker_id, agent.headers);
    const said = { lease_epoch: job.lease_epoch, seq: 0, text: 'top-secret-live' };
    await server.send(`POST /v1/jobs/${id}/output`, said, agent.headers);
    await server.send(
      `POST /v1/jobs/${id}/complete`,
      { lease_epoch: job.lease_epoch, output: 'top-secret-out', cursor: 'top-secret-at' },
      agent.headers,
    );
    const read = await server.get(`/v1/workloads/${id}`, headers);
    expect(read.json).toMatchObject({ payload: null, output: null, checkpoint: null, withheld: ['payload', 'output', 'checkpoint'] });
    const made = await server.send('POST /v1/workloads', { kind: 'command', payload: { command: 'top-secret' } }, headers);
    expect(made).toMatchObject({ status: 201, json: { payload: null, withheld: ['payload', 'output', 'checkpoint'] } });
    const answers = [read, made, await server.get('/v1/workloads', headers), await server.get(`/v1/events?stream=${id}`, headers)];
    for (const answer of answers) expect(answer.text).not.toContain('top-secret');
    expect((await server.get(`/v1/events?stream=${id}`, ADMIN)).text).toContain('top-secret-live');
    expect((await server.get(`/v1/workloads/${id}`, ADMIN)).json).toMatchObject({ output: 'top-secret-out' });
    const isOutput = ({ data }: Frame): boolean => (data['event'] as { type?: string } | null)?.type === 'output';
    for (const [who, isShown] of [
      [headers, false],
      [ADMIN, true],
    ] as const) {
      await using live = await LiveReader.open(`${server.url}/v1/events/live/many?streams=${id},workloads`, who);
      await live.until(isOutput);
      expect(live.received.includes('top-secret')).toBe(isShown);
    }
  });

  it('tell who may not see outputs the outcome of a run and no word of what the target answered', async () => {
    const { headers } = await makeKey({ role: 'operator', sees_payloads: false });
    const monitor = { name: 'Till', url: 'https://example.com/till', public: true, status: 'paused' };
    const { id: test_id } = (await server.send('POST /api/tests', monitor, ADMIN)).json as { id: string };
    const worker_id = await register(ADMIN, { kinds: ['monitor'], queues: ['monitors'] });
    const started = (await server.send(`POST /api/tests/${test_id}/run`, {}, ADMIN)).json as { run_id: string };
    const { job_id, lease_epoch } = await claim(worker_id, ADMIN);
    const event = { type: 'step_complete', message: 'Step 1 failed: got top-secret', step_number: 1, passed: false, said: 'top-secret' };
    const said = { lease_epoch, seq: 0, stream: 'log', text: `${JSON.stringify(event)}\n` };
    expect((await server.send(`POST /v1/jobs/${job_id}/output`, said, ADMIN)).status).toBe(200);
    const asserted = [
      { source: 'status', op: 'eq', expected: 200, actual: 503, passed: false },
      { source: 'body', op: 'contains', expected: 'ok', actual: 'top-secret', passed: false },
      { source: 'status', op: 'eq', expected: 200, actual: 'top-secret', passed: false },
    ];
    const step = { step_number: 1, name: 'till', type: 'http', passed: false, duration_ms: 5, error: 'got top-secret', phases: null };
    const result = { passed: false, duration_ms: 5, steps_passed: 0, steps_total: 1, details: 'top-secret', error: 'got top-secret' };
    const artifacts = [{ name: 'failure.jpg', content_type: 'image/jpeg', base64: 'dG9wLXNlY3JldA==' }];
    const output = JSON.stringify({ ...result, artifacts, step_results: [{ ...step, said: 'top-secret', assertions: asserted }] });
    expect((await server.send(`POST /v1/jobs/${job_id}/complete`, { lease_epoch, output }, ADMIN)).status).toBe(200);
    const path = `/api/tests/${test_id}`;
    const runPath = `${path}/results/${started.run_id}`;
    await expect.poll(async () => (await server.get(runPath, ADMIN)).status, { timeout: 20_000 }).toBe(200);
    const outages = (await server.get(`${path}/outages`, ADMIN)).json as { items: { id: string }[] };
    const groups = (await server.get('/v1/failures?domain=monitor', ADMIN)).json as { items: { id: string }[] };
    const quoting = [runPath, `${path}/results`, `${path}/results.csv`, `${path}/results.jsonl`, `${path}/incidents`, `${path}/outages`];
    quoting.push(
      `${path}/uptime/explain`,
      `/v1/outages/${outages.items[0]?.id}`,
      '/v1/outages',
      '/v1/failures',
      '/v1/failures?q=top-secret',
    );
    quoting.push(
      `/v1/failures/${groups.items[0]?.id}`,
      `/v1/workloads/${job_id}`,
      `/v1/events?stream=${job_id}`,
      '/v1/events?stream=monitors',
    );
    quoting.push(`/v1/events?stream=monitor:${test_id}`);
    for (const read of quoting) {
      expect((await server.get(read, ADMIN)).text, read).toContain('top-secret');
      const answer = await server.get(read, headers);
      expect(answer.status, read).toBe(200);
      expect(answer.text, read).not.toMatch(/top-secret|dG9wLXNlY3JldA/);
    }
    expect((await server.get(runPath, headers)).json).toMatchObject({
      passed: false,
      details: '0 of 1 steps passed.',
      error: null,
      artifacts: [],
      withheld: ['details', 'error', 'step_results', 'artifacts'],
      step_results: [{ name: 'till', passed: false, error: null, assertions: [{ actual: 503 }, { actual: null }, { actual: null }] }],
    });
    for (const read of ['/v1/status', '/api/dashboard', '/v1/deliveries'])
      expect((await server.get(read, ADMIN)).text, read).not.toContain('top-secret');
    const { items: told } = (await server.get('/v1/events?stream=monitors', ADMIN)).json as { items: { id: string }[] };
    const views = [
      [`${path}/live`, 'run_complete'],
      [`/v1/events/live?stream=monitors&last_event_id=${told[0]?.id}`, 'outage.opened'],
    ] as const;
    for (const [who, isShown] of [
      [headers, false],
      [ADMIN, true],
    ] as const) {
      for (const [view, last] of views) {
        await using live = await LiveReader.open(`${server.url}${view}`, who);
        await live.until(({ data }) => data['type'] === last);
        expect(live.received.includes('top-secret'), view).toBe(isShown);
      }
    }
  });

  it('are rotated: both work in the overlap, the workers go on under the new one, and the old one ends', async () => {
    const old = await makeKey({ role: 'worker', queues: ['default', 'rotated'] });
    const worker_id = await register(old.headers);
    const rotated = await server.send(`POST /v1/keys/${old.id}/rotate`, { overlap_seconds: 3600 }, ADMIN);
    expect(rotated).toMatchObject({ status: 201, json: { role: 'worker', queues: ['default', 'rotated'], replaced_by: null } });
    const renewed = { authorization: `Bearer ${(rotated.json as { key: string }).key}` };
    for (const headers of [old.headers, renewed]) {
      expect((await server.send(`POST /v1/workers/${worker_id}/heartbeat`, {}, headers)).status).toBe(200);
    }
    const again = await server.send(`POST /v1/keys/${old.id}/rotate`, {}, ADMIN);
    expect(again).toMatchObject({ status: 409, json: { data: { replaced_by: (rotated.json as { id: string }).id } } });
    await server.running.core.database.db
      .updateTable('api_key')
      .set({ expires_at: '2001-01-01T00:00:00Z' })
      .where('id', '=', old.id)
      .execute();
    await expect.poll(async () => (await server.send(`POST /v1/workers/${worker_id}/heartbeat`, {}, old.headers)).status).toBe(401);
    expect((await server.send(`POST /v1/workers/${worker_id}/heartbeat`, {}, renewed)).status).toBe(200);
  });

  it('without an overlap end at once when they are rotated', async () => {
    const old = await makeKey({ role: 'viewer' });
    expect((await server.get('/v1/stats', old.headers)).status).toBe(200);
    expect((await server.send(`POST /v1/keys/${old.id}/rotate`, { overlap_seconds: 0 }, ADMIN)).status).toBe(201);
    expect((await server.get('/v1/stats', old.headers)).status).toBe(401);
  });

  it('go on as the author of their notes when they are rotated', async () => {
    const [author, other] = [await makeKey({ role: 'operator', name: 'on call' }), await makeKey({ role: 'operator' })];
    const monitor = { name: 'Backup', type: 'heartbeat', interval_seconds: 86_400 };
    const made = (await server.send('POST /api/tests', monitor, ADMIN)).json as { id: string; ping_key: string };
    await server.send(`POST /api/heartbeats/${made.ping_key}`, { status: 'fail' });
    const { items } = (await server.get(`/api/tests/${made.id}/outages`, ADMIN)).json as { items: { id: string }[] };
    const path = `/v1/outages/${items[0]?.id}/notes`;
    const { id } = (await server.send(`POST ${path}`, { text: 'Looking at it.' }, author.headers)).json as { id: string };
    const { key } = (await server.send(`POST /v1/keys/${author.id}/rotate`, {}, ADMIN)).json as { key: string };
    const renewed = { authorization: `Bearer ${key}` };
    expect(await server.send(`PATCH ${path}/${id}`, { text: 'Mine.' }, other.headers)).toMatchObject({ status: 403 });
    expect((await server.get(path, other.headers)).json).toMatchObject({
      items: [{ author_name: 'on call', can_edit: false, can_delete: false }],
    });
    const changed = await server.send(`PATCH ${path}/${id}`, { text: 'Fixed.' }, renewed);
    expect(changed).toMatchObject({ status: 200, json: { text: 'Fixed.', author_name: 'on call', can_edit: true, can_delete: true } });
  });

  it.each([
    { name: 'x', role: 'admin', queues: ['default'] },
    { name: 'x', role: 'admin', sees_payloads: false },
    { name: 'x', role: 'operator', queues: [] },
    { name: 'x', role: 'operator', kinds: ['no good'] },
    { name: 'x', role: 'viewer', expires_at: new Date(Date.now() + 100 * 366 * 86_400_000).toISOString() },
  ])('are not created as %j', async (input) => {
    expect((await server.send('POST /v1/keys', input, ADMIN)).status).toBe(400);
  });
});
