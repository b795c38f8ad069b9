import { engines, waitUntil } from '@tidemark/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

interface Row {
  worker_id: string;
  job_id: string;
  event: string;
  keys_per_second: number | null;
}

describe.each(engines())('worker history over HTTP on %s', (engine) => {
  let server: TestServer;
  let workerId: string;
  let jobId: string;

  beforeAll(async () => {
    server = await startTestServer(engine);
    const made = await server.send('POST /v1/workloads', { kind: 'scan' });
    jobId = (made.json as { id: string }).id;
    const worker = await server.send('POST /v1/workers', {
      name: 'scanner',
      worker_type: 'scanner',
      version: '1',
      isolations: ['process'],
      kinds: ['scan'],
      slots: 1,
    });
    workerId = (worker.json as { worker_id: string }).worker_id;
    const claimed = await server.send('POST /v1/jobs/claim', { worker_id: workerId });
    const [job] = (claimed.json as { jobs: { lease_epoch: number }[] }).jobs;
    const lease = { lease_epoch: job?.lease_epoch ?? -1 };
    await server.send(`POST /v1/jobs/${jobId}/checkpoint`, { ...lease, duration_ms: 2000, keys_scanned: 500, cursor: '7' });
    await server.send(`POST /v1/jobs/${jobId}/complete`, { ...lease, duration_ms: 0, keys_scanned: 3 });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('shows each accepted report, newest first, with its rate', async () => {
    await waitUntil(async () => {
      const { json } = await server.get(`/v1/workers/${workerId}/history`);
      const rows = (json as { items: Row[] }).items.map(({ job_id: id, event, keys_per_second: rate }) => [id, event, rate]);
      expect(rows).toEqual([
        [jobId, 'complete', null],
        [jobId, 'checkpoint', 250],
      ]);
    });
    const filtered = await server.get(`/v1/workers/history?job_id=${jobId}&event=checkpoint&limit=1`);
    expect((filtered.json as { items: Row[] }).items).toMatchObject([{ worker_id: workerId, event: 'checkpoint' }]);
  });

  it('adds them up per bucket', async () => {
    await waitUntil(async () => {
      const { json } = await server.get('/v1/workers/throughput?bucket=hour');
      const { points } = json as { points: { keys_scanned: number | null }[] };
      expect(points.reduce((sum, point) => sum + (point.keys_scanned ?? 0), 0)).toBe(503);
    });
  });

  it('can be downloaded as CSV', async () => {
    await waitUntil(async () => {
      const file = await server.get('/v1/workers/history.csv');
      expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
      const lines = file.text.trimEnd().split('\r\n');
      expect(lines[0]).toMatch(/^id,worker_id,worker_type,job_id,event/);
      expect(lines).toHaveLength(3);
    });
    expect(await server.get('/v1/workers/history.csv?colour=red')).toMatchObject({ status: 400, json: { code: 'VALIDATION' } });
  });
});
