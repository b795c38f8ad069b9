import { engines, waitUntil, LiveReader } from '@tidemark/core/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { Answer, TestServer } from '../testing/start-test-server.ts';

const WORKER = { worker_type: 'scanner', version: '1', isolations: ['process'], kinds: ['scan'], slots: 4 };

interface Job {
  job_id: string;
  lease_epoch: number;
}

describe.each(engines())('workers over HTTP on %s', (engine) => {
  let server: TestServer;
  let worker: string;
  let job: Job;
  let count = 0;

  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  beforeEach(async () => {
    count += 1;
    const kind = `scan${count}`;
    const answer = await server.send('POST /v1/workers', { ...WORKER, kinds: [kind], name: `scanner-${count}` });
    worker = (answer.json as { worker_id: string }).worker_id;
    await server.send('POST /v1/workloads', { kind });
    const claimed = (await server.send('POST /v1/jobs/claim', { worker_id: worker, wait_ms: 5000 })).json as { jobs: Job[] };
    job = claimed.jobs[0] ?? { job_id: 'none', lease_epoch: -1 };
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const checkpoint = (body: unknown): Promise<Answer> => server.send(`POST /v1/jobs/${job.job_id}/checkpoint`, body);
  const rows = async (): Promise<unknown[]> => {
    await server.running.core.history.flush();
    return ((await server.get(`/v1/workers/${worker}/history`)).json as { items: unknown[] }).items;
  };

  it.each([
    ['duration_ms', -1],
    ['duration_ms', 1e18],
    ['duration_ms', 1.5],
    ['duration_ms', '5'],
    ['duration_ms', null],
    ['keys_scanned', -1],
    ['keys_scanned', 0.5],
    ['keys_scanned', 1e300],
    ['started_at', 'yesterday'],
    ['started_at', 5],
    ['request_id', ''],
    ['progress', { done: -1 }],
    ['cursor', 'x'.repeat(300_000)],
  ])('refuses a checkpoint whose %s is %j by name, and records nothing', async (field, value) => {
    const answer = await checkpoint({ lease_epoch: job.lease_epoch, [field]: value });
    expect(answer).toMatchObject({ status: 400, json: { code: 'VALIDATION' } });
    expect((answer.json as { issues: { path: string }[] }).issues[0]?.path).toMatch(new RegExp(`^${field}`));
    expect(await rows()).toEqual([]);
  });

  it('refuses NaN, which JSON does not have, and a cursor of 5 MiB', async () => {
    expect(await checkpoint(`{"lease_epoch":${job.lease_epoch},"duration_ms":NaN}`)).toMatchObject({
      status: 400,
      json: { code: 'VALIDATION' },
    });
    const huge = await checkpoint({ lease_epoch: job.lease_epoch, cursor: 'x'.repeat(5 * 1024 * 1024) });
    expect(huge).toMatchObject({ status: 413, json: { code: 'PAYLOAD_TOO_LARGE' } });
    expect(await rows()).toEqual([]);
  });

  it('accepts a duration of 0 and odd starts, and has no rate for the first', async () => {
    const now = Date.now();
    for (const started_at of [new Date(now + 86_400_000).toISOString(), new Date(now - 365 * 86_400_000).toISOString()]) {
      expect(await checkpoint({ lease_epoch: job.lease_epoch, duration_ms: 0, keys_scanned: 1, started_at })).toMatchObject({
        status: 200,
      });
    }
    expect(await rows()).toMatchObject([
      { keys_per_second: null, is_clock_suspect: true },
      { keys_per_second: null, is_clock_suspect: true },
    ]);
  });

  it('refuses registrations with a name that is empty or taken', async () => {
    const empty = await server.send('POST /v1/workers', { ...WORKER, name: '' });
    expect(empty).toMatchObject({ status: 400, json: { code: 'VALIDATION' } });
    expect(empty.text).toContain('"path":"name"');
    const taken = await server.send('POST /v1/workers', { ...WORKER, name: `scanner-${count}` });
    expect(taken).toMatchObject({ status: 409, json: { code: 'CONFLICT', issues: [{ path: 'name' }] } });
  });

  it('drains, resumes, quarantines and forgets, each as often as it is asked', async () => {
    for (const [verb, shows] of [
      ['drain', { drain_requested: true, liveness: 'draining' }],
      ['resume', { drain_requested: false, liveness: 'online' }],
      ['quarantine', { quarantined: true }],
      ['unquarantine', { quarantined: false }],
    ] as const) {
      expect(await server.send(`POST /v1/workers/${worker}/${verb}`)).toMatchObject({ status: 200, json: shows });
      expect(await server.send(`POST /v1/workers/${worker}/${verb}`)).toMatchObject({ status: 200, json: shows });
    }
    expect(await server.send(`DELETE /v1/workers/${worker}`)).toMatchObject({ status: 409, json: { code: 'CONFLICT' } });
    await server.send(`POST /v1/workers/${worker}/heartbeat`, { stopped: true });
    const forgotten = { status: 200, json: { id: worker, forgotten: true } };
    expect(await server.send(`DELETE /v1/workers/${worker}`)).toMatchObject(forgotten);
    expect(await server.send(`DELETE /v1/workers/${worker}`)).toMatchObject(forgotten);
    expect(await server.get(`/v1/workers/${worker}`)).toMatchObject({ status: 404 });
    expect(await server.send('POST /v1/workers/wk_none/drain')).toMatchObject({ status: 404 });
    const { json } = await server.get(`/v1/workers/${worker}/sessions`);
    expect(json).toMatchObject({ items: [{ session: 1, end_reason: 'stopped' }], next_cursor: null });
  });

  it('tells an agent of a cancel on its live stream, before any heartbeat', async () => {
    expect(await server.get('/v1/workers/wk_none/live')).toMatchObject({ status: 404 });
    await using live = await LiveReader.open(`${server.url}/v1/workers/${worker}/live`);
    expect((await live.next())?.data).toEqual({ type: 'worker.directives', worker_id: worker, drain: false, cancel: [] });
    await server.send(`POST /v1/workloads/${job.job_id}/cancel`);
    expect((await live.next())?.data).toMatchObject({ cancel: [job.job_id] });
    await server.send(`POST /v1/workers/${worker}/drain`);
    expect((await live.next())?.data).toMatchObject({ drain: true });
  });

  it('counts history rows in the metrics', async () => {
    await checkpoint({ lease_epoch: job.lease_epoch, duration_ms: 5, keys_scanned: 1 });
    await waitUntil(async () => {
      const { text } = await server.get('/metrics');
      expect(text).toMatch(/^tidemark_history_written_total [1-9]/m);
      expect(text).toMatch(/^tidemark_history_failed_total 0$/m);
      expect(text).toMatch(/^tidemark_history_pending 0$/m);
    });
  });
});
