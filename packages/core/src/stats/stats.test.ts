import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { setLeases } from '../testing/set-leases.ts';
import { cancelWorkload, retryWorkload } from '../workloads/index.ts';
import { checkDrift, foldStatistics, getSeries, getStats } from './index.ts';

describe.each(engines())('statistics on %s', (engine) => {
  let test: TestCore;
  let worker: string;

  beforeAll(async () => {
    test = await createTestCore(engine);
    worker = await test.worker({ queues: ['default', 'other'] });
  });
  beforeEach(async () => {
    await foldStatistics(test.core);
    await sql`truncate workload, attempt, lease, lease_grant, counter, stat_bucket, stat_histogram, stat_created`.execute(
      test.core.database.db,
    );
  });
  afterAll(() => test.close());

  const finish = async (durationMs: number): Promise<void> => {
    const job = await test.claimOne(worker);
    await setLeases(test.core, sql`granted_at = now() - ${`${durationMs} ms`}::interval`, sql`workload_id = ${job.job_id}`);
    await test.report(worker, { op: 'complete', job_id: job.job_id, lease_epoch: job.lease_epoch });
  };

  it('answers every key with zero on an empty database', async () => {
    const zeros = {
      total: 0,
      by_status: { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 },
      by_isolation: { process: 0, isolate: 0, gvisor: 0, microvm: 0 },
      avg_duration_ms: 0,
    };
    expect(await getStats(test.core, {})).toEqual(zeros);
    expect(await getStats(test.core, { from: '2026-01-01T00:00:00Z' })).toEqual(zeros);
  });

  it('averages completed workloads only and rounds half up', async () => {
    for (let index = 0; index < 3; index += 1) await test.submit();
    await finish(1000);
    await finish(2001);
    await sql`update workload set duration_ms = case when duration_ms < 2000 then 1000 else 2001 end where duration_ms is not null`.execute(
      test.core.database.db,
    );
    expect((await checkDrift(test.core)).every((drift) => drift.column === 'duration_ms_sum')).toBe(true);
    expect((await getStats(test.core, {})).avg_duration_ms).toBe(1501);
    expect(await checkDrift(test.core)).toEqual([]);
  });

  it('filters by kind and queue', async () => {
    await test.submit({ queue: 'other' });
    await test.submit({ kind: 'script' });
    expect((await getStats(test.core, { queue: 'other' })).total).toBe(1);
    expect((await getStats(test.core, { kind: 'script' })).by_isolation.isolate).toBe(1);
    expect((await getStats(test.core, { kind: 'nobody' })).total).toBe(0);
  });

  it('counts lanes that another server made, whatever the order in which they appeared', async () => {
    const { db } = test.core.database;
    const known = await test.core.lanes.ensure({ queue: 'late', kind: 'command', isolation: 'process', required_labels: {} });
    for (const [id, queue, isolation] of [
      [known.id + 20, 'beyond', 'gvisor'],
      [known.id + 10, 'between', 'isolate'],
    ] as const) {
      await sql`insert into lane (id, queue, kind, isolation, required_labels, required_key) overriding system value
        values (${id}, ${queue}, 'command', ${isolation}, '{}', '')`.execute(db);
      await sql`insert into counter (slot, lane_id, pending) values (0, ${id}, 2)`.execute(db);
      expect((await getStats(test.core, {})).by_isolation[isolation]).toBe(2);
      expect((await getStats(test.core, { queue })).total).toBe(2);
    }
    await sql`delete from counter`.execute(db);
  });

  it('counts a window by creation exactly, whole minutes and edges alike', async () => {
    for (let index = 0; index < 5; index += 1) await test.submit();
    await finish(10);
    const cancelled = await test.submit();
    await cancelWorkload(test.core, cancelled);
    const all = await getStats(test.core, { from: '2020-01-01T00:00:00Z' });
    expect(all).toMatchObject({ total: 6, by_status: { pending: 4, running: 0, completed: 1, failed: 0, cancelled: 1 } });
    expect(await getStats(test.core, { from: cancelled.created_at, to: '2199-01-01T00:00:00Z' })).toMatchObject({ total: 1 });
    await retryWorkload(test.core, { id: cancelled.id, keep_checkpoint: true });
    expect(await getStats(test.core, { from: '2020-01-01T00:00:00Z', to: '2199-01-01T00:00:00Z' })).toMatchObject({
      total: 6,
      by_status: { pending: 5, cancelled: 0 },
    });
  });

  it('gives counts and percentiles per bucket and keeps empty buckets empty', async () => {
    for (let index = 0; index < 4; index += 1) await test.submit();
    await finish(100);
    await finish(1000);
    const { points } = await getSeries(test.core, { bucket: 'minute' });
    expect(points).toHaveLength(60);
    const total = points.reduce((sum, point) => sum + point.completed, 0);
    expect(total).toBe(2);
    const durations = points.map((point) => point.duration_ms).filter((summary) => summary.count > 0);
    expect(durations.reduce((sum, summary) => sum + summary.count, 0)).toBe(2);
    expect(points[0]).toMatchObject({ created: 0, duration_ms: { count: 0, p50: null } });
    const { points: hours } = await getSeries(test.core, { bucket: 'hour' });
    const last = hours.findLast((point) => point.duration_ms.count === 2);
    expect(last?.duration_ms.p50).toBeGreaterThan(97);
    expect(last?.duration_ms.p99).toBeLessThan(1100);
  });

  it('folds each event once, whoever folds', async () => {
    for (let index = 0; index < 10; index += 1) await test.submit();
    await Promise.all([foldStatistics(test.core), foldStatistics(test.core), foldStatistics(test.core)]);
    const { rows } = await sql<{ created: number }>`select sum(created)::int as created from stat_bucket where bucket_size = 'day'`.execute(
      test.core.database.db,
    );
    expect(rows[0]?.created).toBe(10);
  });
});
