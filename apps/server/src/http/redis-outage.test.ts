import { startRedis, testRedisUrl, waitUntil, LiveReader } from '@tidemark/core/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

interface Job {
  job_id: string;
  lease_epoch: number;
  payload: { run_id: string };
}

describe.skipIf(testRedisUrl() === null)('a history in a Redis that goes away', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let server: TestServer;
  let worker: string;
  let id: string;

  beforeAll(async () => {
    redis = await startRedis();
    server = await startTestServer('pglite', { config: { history_store: 'redis', redis_url: redis.url } });
    const kinds = { isolations: ['process'], kinds: ['monitor'], queues: ['monitors'], slots: 10 };
    const registered = await server.send('POST /v1/workers', { name: 'prober', worker_type: 'test', version: '1', ...kinds });
    worker = (registered.json as { worker_id: string }).worker_id;
    const created = await server.send('POST /api/tests', { name: 'Login Flow', url: 'https://example.com', status: 'paused' });
    id = (created.json as { id: string }).id;
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await redis.stop();
  });

  const start = async (): Promise<Job> => {
    expect((await server.send(`POST /api/tests/${id}/run`)).status).toBe(200);
    const { json } = await server.send('POST /v1/jobs/claim', { worker_id: worker, max: 1, wait_ms: 10_000 });
    const [job] = (json as { jobs: Job[] }).jobs;
    if (job === undefined) throw new Error('no job came');
    return job;
  };
  const tell = (job: Job, seq: number, message: string) => {
    const text = `${JSON.stringify({ type: 'log', message })}\n`;
    const item = { op: 'output', job_id: job.job_id, lease_epoch: job.lease_epoch, seq, stream: 'log', text };
    return server.send('POST /v1/jobs/report', { worker_id: worker, items: [item] });
  };
  const finish = (job: Job, passed: boolean) => {
    const output = JSON.stringify({ passed, duration_ms: 100, steps_passed: passed ? 1 : 0, steps_total: 1, details: '' });
    return server.send(`POST /v1/jobs/${job.job_id}/complete`, { lease_epoch: job.lease_epoch, output });
  };
  const totalOf = async (): Promise<number> => {
    const { status, json } = await server.get(`/api/tests/${id}/results`);
    expect(status).toBe(200);
    return (json as { total: number }).total;
  };

  it('records runs that end meanwhile when it is back, each once, and its events in order', async () => {
    await using live = await LiveReader.open(`${server.url}/api/tests/${id}/live`);
    const job = await start();
    await tell(job, 0, 'before');
    expect((await live.next())?.data).toMatchObject({ message: 'before' });
    await redis.kill();
    await waitUntil(async () => expect((await server.get(`/api/tests/${id}/results`)).status).toBe(503));
    expect(await tell(job, 1, 'meanwhile')).toMatchObject({ status: 200 });
    expect(await finish(job, false)).toMatchObject({ status: 200 });
    for (const path of ['results', 'timing', 'uptime', 'incidents', 'live'])
      expect(await server.get(`/api/tests/${id}/${path}`)).toMatchObject({ status: 503, json: { code: 'UNAVAILABLE' } });
    expect((await server.get('/api/dashboard')).status).toBe(200);
    await redis.restart();
    await waitUntil(async () => expect(await totalOf()).toBe(1));
    expect((await live.next())?.data).toMatchObject({ message: 'meanwhile' });
    expect((await live.next())?.data).toMatchObject({ type: 'run_complete', passed: false, run_id: job.payload.run_id });
    await waitUntil(async () => expect((await server.get('/api/dashboard')).json).toMatchObject({ failing: 1 }));
    expect((await server.get(`/api/tests/${id}/uptime`)).json).toMatchObject({ total_runs: 1, failed_runs: 1 });
    expect((await server.get(`/api/tests/${id}/incidents`)).json).toMatchObject({ total: 1 });
  });

  it('refuses at once while it hangs, and goes on afterwards', async () => {
    const job = await start();
    const other = new Redis(redis.url);
    const before = await totalOf();
    await other.call('CLIENT', 'PAUSE', '4000', 'ALL');
    expect((await server.get(`/api/tests/${id}/uptime`)).status).toBe(503);
    expect(await finish(job, true)).toMatchObject({ status: 200 });
    expect((await server.get('/api/tests')).status).toBe(200);
    await waitUntil(async () => expect(await totalOf()).toBe(before + 1));
    other.disconnect();
  });
});
