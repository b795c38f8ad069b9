import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClaimedJob, ReportItem } from '../jobs/contract.ts';
import { checkpointJob, completeJob, failJob } from '../jobs/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { getWorkload } from '../workloads/index.ts';
import { ListHistoryInput, ThroughputInput, type WorkerHistory } from './contract.ts';
import { exportHistory, getThroughput, listHistory, listWorkerHistory } from './index.ts';

type Of<Op extends ReportItem['op']> = Extract<ReportItem, { op: Op }>;
const STARTED = '2026-01-31T12:00:00.000Z';

describe.each(engines())('worker history on %s', (engine) => {
  let test: TestCore;
  let worker: string;
  let job: ClaimedJob;

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  beforeEach(async () => {
    await test.core.history.flush();
    await sql`truncate workload, attempt, lease, lease_grant, counter, event, worker, worker_session, worker_flag, worker_history_pack, throughput_bucket`.execute(
      test.core.database.db,
    );
    test.core.roster.forget('*');
    worker = await test.worker({ worker_type: 'scanner' });
    await test.submit();
    job = await test.claimOne(worker);
  });
  afterAll(() => test.close());

  const checkpoint = (more: Partial<Of<'checkpoint'>> = {}): ReportItem => ({
    op: 'checkpoint',
    job_id: job.job_id,
    lease_epoch: job.lease_epoch,
    ...more,
  });
  const complete = (more: Partial<Of<'complete'>> = {}): ReportItem => ({
    op: 'complete',
    job_id: job.job_id,
    lease_epoch: job.lease_epoch,
    ...more,
  });
  const fail = (more: Partial<Of<'fail'>> = {}): ReportItem => ({
    op: 'fail',
    job_id: job.job_id,
    lease_epoch: job.lease_epoch,
    error: 'broken',
    retryable: false,
    reason: 'error',
    ...more,
  });
  const history = async (input: Partial<ListHistoryInput> = {}): Promise<WorkerHistory[]> => {
    await test.core.history.flush();
    return (await listHistory(test.core, ListHistoryInput.parse(input))).items;
  };

  it('records a queryable row for a checkpoint', async () => {
    await test.report(worker, checkpoint({ started_at: STARTED, duration_ms: 2000, keys_scanned: 5000 }));
    expect(await history({ worker_id: worker })).toEqual([
      {
        id: expect.stringMatching(/^wh_/),
        worker_id: worker,
        worker_type: 'scanner',
        job_id: job.job_id,
        event: 'checkpoint',
        keys_scanned: 5000,
        duration_ms: 2000,
        keys_per_second: 2500,
        started_at: STARTED,
        is_clock_suspect: true,
        finished_at: expect.stringMatching(/Z$/),
      },
    ]);
  });

  it('records a queryable row for a completion and for a failure, but none for a release', async () => {
    await test.report(worker, complete({ duration_ms: 500, keys_scanned: 100 }));
    await test.submit();
    job = await test.claimOne(worker);
    await test.report(worker, fail({ duration_ms: 1000, keys_scanned: 7 }));
    await test.submit();
    job = await test.claimOne(worker);
    await test.report(worker, { op: 'release', job_id: job.job_id, lease_epoch: job.lease_epoch, keys_scanned: 1, duration_ms: 1 });
    expect((await history()).map(({ event, keys_per_second }) => ({ event, keys_per_second }))).toEqual([
      { event: 'fail', keys_per_second: 7 },
      { event: 'complete', keys_per_second: 200 },
    ]);
  });

  it('knows the worker also when a single call does not name it', async () => {
    const base = { job_id: job.job_id, lease_epoch: job.lease_epoch };
    await checkpointJob(test.core, { ...base, keys_scanned: 1, duration_ms: 10 });
    await completeJob(test.core, { ...base, keys_scanned: 2, duration_ms: 10 });
    await test.submit();
    const next = await test.claimOne(worker);
    await failJob(test.core, { job_id: next.job_id, lease_epoch: next.lease_epoch, error: 'x', retryable: false, reason: 'error' });
    expect((await history()).map((row) => [row.event, row.worker_id])).toEqual([
      ['fail', worker],
      ['complete', worker],
      ['checkpoint', worker],
    ]);
  });

  it('leaves no row for a repeated report', async () => {
    const first = checkpoint({ keys_scanned: 1, duration_ms: 1, request_id: 'a' });
    expect(await test.report(worker, first)).toMatchObject([{ ok: true }]);
    expect(await test.report(worker, first)).toMatchObject([{ ok: true }]);
    expect(await test.report(worker, complete({ request_id: 'b' }))).toMatchObject([{ ok: true }]);
    expect(await test.report(worker, complete({ request_id: 'b' }))).toMatchObject([{ ok: true }]);
    expect((await history()).map((row) => row.event)).toEqual(['complete', 'checkpoint']);
  });

  it('leaves no row for a report without a lease, of another worker, or after the end', async () => {
    const other = await test.worker();
    const pending = await test.submit();
    expect(await test.report(worker, checkpoint({ job_id: pending.id, keys_scanned: 1 }))).toMatchObject([
      { ok: false, code: 'LEASE_STALE' },
    ]);
    expect(await test.report(other, checkpoint({ keys_scanned: 1 }))).toMatchObject([
      { ok: false, code: 'LEASE_STALE', data: { reason: 'other_worker' } },
    ]);
    await test.report(worker, complete());
    expect(await test.report(worker, checkpoint({ keys_scanned: 1 }))).toMatchObject([
      { ok: false, code: 'LEASE_STALE', data: { reason: 'completed' } },
    ]);
    expect((await history()).map((row) => row.event)).toEqual(['complete']);
  });

  it('has no rate without a positive duration and a count', async () => {
    await test.report(worker, checkpoint({ keys_scanned: 5, duration_ms: 0 }));
    await test.report(worker, checkpoint({ keys_scanned: 5 }));
    await test.report(worker, checkpoint({ duration_ms: 5 }));
    await test.report(worker, checkpoint({ keys_scanned: 0, duration_ms: 5 }));
    expect((await history()).map((row) => row.keys_per_second)).toEqual([0, null, null, null]);
  });

  it('stores a start in the future or a year ago as reported and marks it', async () => {
    const offset = (ms: number): string => new Date(Date.now() + ms).toISOString();
    await test.report(worker, checkpoint({ started_at: offset(3_600_000), duration_ms: 1 }));
    await test.report(worker, checkpoint({ started_at: offset(-365 * 86_400_000), duration_ms: 1 }));
    await test.report(worker, checkpoint({ started_at: offset(-5000), duration_ms: 5000 }));
    await test.report(worker, checkpoint({ duration_ms: 5000 }));
    expect((await history()).map((row) => [row.started_at === null, row.is_clock_suspect])).toEqual([
      [true, false],
      [false, false],
      [false, true],
      [false, true],
    ]);
  });

  it('accepts checkpoints told out of order, each as its own row', async () => {
    await test.report(worker, checkpoint({ started_at: '2026-01-31T12:00:10Z', keys_scanned: 2, cursor: 2 }));
    await test.report(worker, checkpoint({ started_at: '2026-01-31T12:00:00Z', keys_scanned: 1, cursor: 1 }));
    expect((await history()).map((row) => row.keys_scanned)).toEqual([1, 2]);
  });

  it("takes the type from the job's payload or labels when the worker is registered no more", async () => {
    await test.report(worker, complete());
    await test.submit({ payload: { worker_type: 'told' }, labels: { worker_type: 'label' } });
    await test.submit({ labels: { worker_type: 'label' } });
    await test.submit({ payload: ['text'] });
    const jobs = await test.claim(worker, 3);
    await sql`delete from worker`.execute(test.core.database.db);
    test.core.roster.forget('*');
    for (const { job_id, lease_epoch } of jobs) await completeJob(test.core, { job_id, lease_epoch });
    const types = new Map((await history()).map((row) => [row.job_id, row.worker_type]));
    expect(jobs.map(({ job_id }) => types.get(job_id))).toEqual(['told', 'label', 'unknown']);
  });

  it('pages newest first and filters by job, type, event and time', async () => {
    for (let count = 1; count <= 5; count += 1) await test.report(worker, checkpoint({ keys_scanned: count, duration_ms: 1 }));
    await test.report(worker, complete());
    const all = await history();
    expect(all.map((row) => row.keys_scanned)).toEqual([null, 5, 4, 3, 2, 1]);
    const paged: WorkerHistory[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof listHistory>> = await listHistory(
        test.core,
        ListHistoryInput.parse({ limit: 2, ...(cursor === null ? {} : { cursor }) }),
      );
      paged.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(paged).toEqual(all);
    expect(await history({ event: 'complete' })).toHaveLength(1);
    expect(await history({ job_id: job.job_id, worker_type: 'scanner' })).toHaveLength(6);
    expect(await history({ worker_type: 'other' })).toEqual([]);
    const middle = all[2]?.finished_at ?? '';
    const since = await history({ from: middle });
    const before = await history({ to: middle });
    expect(since.length + before.length).toBe(6);
    expect(before.every((row) => row.finished_at < middle)).toBe(true);
    await expect(listHistory(test.core, ListHistoryInput.parse({ cursor: 'bm90' }))).rejects.toMatchObject({ code: 'VALIDATION' });
  });

  it('knows of no worker that never registered, and of one that reported nothing', async () => {
    await expect(listWorkerHistory(test.core, { worker_id: 'wk_none', limit: 10 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await listWorkerHistory(test.core, { worker_id: worker, limit: 10 })).toEqual({ items: [], next_cursor: null });
    await test.report(worker, complete());
    const rows = await history();
    expect((await listWorkerHistory(test.core, { worker_id: worker, limit: 10 })).items).toEqual(rows);
    expect(rows).toHaveLength(1);
  });

  it('exports what the list shows', async () => {
    for (let count = 1; count <= 3; count += 1) await test.report(worker, checkpoint({ keys_scanned: count, duration_ms: 1000 }));
    await test.core.history.flush();
    let text = '';
    for await (const chunk of exportHistory(test.core, { worker_id: worker }, new AbortController().signal)) text += chunk;
    const [heading, ...lines] = text.trimEnd().split('\r\n');
    expect(heading).toBe(
      'id,worker_id,worker_type,job_id,event,keys_scanned,duration_ms,keys_per_second,started_at,is_clock_suspect,finished_at',
    );
    expect(lines.map((line) => line.split(',').slice(5, 8))).toEqual([
      ['3', '1000', '3'],
      ['2', '1000', '2'],
      ['1', '1000', '1'],
    ]);
  });

  it('adds up per bucket for the fleet, a type, a worker and a job, and leaves gaps empty', async () => {
    const other = await test.worker({ worker_type: 'scanner' });
    await test.submit();
    const second = await test.claimOne(other);
    await test.report(
      worker,
      checkpoint({ keys_scanned: 1000, duration_ms: 1000 }),
      checkpoint({ keys_scanned: 2000, duration_ms: 500 }),
      checkpoint({ keys_scanned: 7 }),
    );
    await test.report(other, { op: 'checkpoint', job_id: second.job_id, lease_epoch: 1, keys_scanned: 600, duration_ms: 1500 });
    await test.core.history.flush();
    const sums = async (scope: object, bucket: ThroughputInput['bucket']) => {
      const { points } = await getThroughput(test.core, ThroughputInput.parse({ ...scope, bucket }));
      const filled = points.filter((point) => point.sample_count > 0);
      expect(
        points
          .filter((point) => point.sample_count === 0)
          .every((point) => point.keys_scanned === null && point.mean_keys_per_second === null),
      ).toBe(true);
      expect(points).toHaveLength(60);
      return {
        keys: filled.reduce((sum, point) => sum + (point.keys_scanned ?? 0), 0),
        samples: filled.reduce((sum, point) => sum + point.sample_count, 0),
        max: Math.max(...filled.map((point) => point.max_keys_per_second ?? 0)),
      };
    };
    for (const bucket of ['second', 'minute', 'hour', 'day'] as const) {
      expect(await sums({}, bucket)).toEqual({ keys: 3607, samples: 4, max: 4000 });
      expect(await sums({ worker_type: 'scanner' }, bucket)).toEqual({ keys: 3607, samples: 4, max: 4000 });
      expect(await sums({ worker_id: worker }, bucket)).toEqual({ keys: 3007, samples: 3, max: 4000 });
      expect(await sums({ job_id: second.job_id }, bucket)).toEqual({ keys: 600, samples: 1, max: 400 });
    }
    const day = (await getThroughput(test.core, ThroughputInput.parse({ worker_id: worker, bucket: 'day' }))).points.findLast(
      (point) => point.sample_count > 0,
    );
    expect(day).toMatchObject({ mean_keys_per_second: 2000, keys_per_second: 3007 / 86_400 });
  });

  it('refuses two series at once, an empty range, and more than 600 buckets', async () => {
    const ask = (input: object) => getThroughput(test.core, ThroughputInput.parse(input));
    await expect(ask({ worker_id: 'a', job_id: 'b' })).rejects.toMatchObject({ code: 'VALIDATION', issues: [{ path: 'job_id' }] });
    await expect(ask({ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' })).rejects.toMatchObject({
      code: 'VALIDATION',
      issues: [{ path: 'from' }],
    });
    await expect(ask({ from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' })).rejects.toMatchObject({ code: 'VALIDATION' });
    expect((await ask({ from: '2026-01-01T00:00:00Z', to: '2026-01-01T10:00:00Z' })).points).toHaveLength(600);
  });

  it('estimates when a job is done from what remains and the recent rate', async () => {
    await test.report(worker, checkpoint({ keys_scanned: 1000, duration_ms: 1000, progress: { done: 1000, total: 5000 } }));
    await test.core.history.flush();
    const { estimate } = await getThroughput(test.core, ThroughputInput.parse({ job_id: job.job_id }));
    expect(estimate).toMatchObject({ done: 1000, total: 5000, remaining: 4000, keys_per_second: 1000, eta_seconds: 4 });
    expect((await getWorkload(test.core, { id: job.job_id })).eta_at).toMatch(/Z$/);
    await test.report(worker, complete());
    expect((await getThroughput(test.core, ThroughputInput.parse({ job_id: job.job_id }))).estimate).toBeNull();
    expect((await getWorkload(test.core, { id: job.job_id })).eta_at).toBeNull();
  });

  it('calls a worker slow that is under half of the median of its type', async () => {
    const ids = [worker, await test.worker({ worker_type: 'scanner' }), await test.worker({ worker_type: 'scanner' })];
    for (const [index, id] of ids.entries()) {
      const made = await test.submit();
      const held = index === 0 ? job : await test.claimOne(id);
      if (index > 0) expect(held.job_id).toBe(made.id);
      await test.report(id, {
        op: 'checkpoint',
        job_id: held.job_id,
        lease_epoch: 1,
        keys_scanned: index === 2 ? 49 : 100,
        duration_ms: 1000,
      });
      if (index === 0) await sql`delete from workload where id = ${made.id}`.execute(test.core.database.db);
    }
    await test.core.history.flush();
    const { workers } = await getThroughput(test.core, ThroughputInput.parse({}));
    expect(new Map(workers.map((rate) => [rate.worker_id, rate.is_slow]))).toEqual(
      new Map([
        [ids[0], false],
        [ids[1], false],
        [ids[2], true],
      ]),
    );
    expect(workers[0]?.type_median_keys_per_second).toBe(100);
  });
});
