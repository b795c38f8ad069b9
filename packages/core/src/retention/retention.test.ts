import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDrift, foldStatistics, getStats } from '../stats/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { getRetention, runRetention, setRetention } from './index.ts';

describe.each(engines())('retention on %s', (engine) => {
  let test: TestCore;

  beforeAll(async () => {
    test = await createTestCore(engine);
    const worker = await test.worker({ slots: 50 });
    for (let index = 0; index < 20; index += 1) await test.submit();
    const jobs = await test.claim(worker, 18);
    await test.report(worker, ...jobs.map((job) => ({ op: 'complete' as const, job_id: job.job_id, lease_epoch: job.lease_epoch })));
    await sql`update workload set finished_at = now() - interval '40 days' where id in (select id from workload where status = 'completed' order by id limit 5)`.execute(
      test.core.database.db,
    );
  });
  afterAll(() => test.close());

  it('previews exactly what it then removes, by age and by count', async () => {
    await setRetention(test.core, { completed: { max_age_days: 30, max_count: 10 } });
    expect((await getRetention(test.core)).failed.max_age_days).toBe(90);
    const preview = await runRetention(test.core, { dry_run: true });
    expect(preview).toMatchObject({ is_dry_run: true, workloads: { completed: 8, failed: 0, cancelled: 0 } });
    expect((await getStats(test.core, {})).total).toBe(20);
    expect(await runRetention(test.core, { dry_run: false })).toMatchObject({ workloads: { completed: 8 } });
    expect(await getStats(test.core, {})).toMatchObject({ total: 12, by_status: { completed: 10, pending: 2 } });
    expect(await getStats(test.core, { from: '2020-01-01T00:00:00Z' })).toMatchObject({
      total: 12,
      by_status: { completed: 10, pending: 2 },
    });
    expect(await checkDrift(test.core)).toEqual([]);
    const { rows } = await sql<{
      orphans: number;
    }>`select count(*)::int as orphans from attempt where workload_id not in (select id from workload)`.execute(test.core.database.db);
    expect(rows[0]?.orphans).toBe(0);
  });

  it('trims old events up to what every projection has read, and moves the floor', async () => {
    await foldStatistics(test.core);
    await sql`update event set created_at = now() - interval '8 days' where stream = 'workloads'`.execute(test.core.database.db);
    await sql`update projection set position = 0 where name <> 'statistics'`.execute(test.core.database.db);
    expect((await runRetention(test.core, { dry_run: true })).events).toBe(0);
    await sql`update projection set position = (select position from stream where name = 'workloads')`.execute(test.core.database.db);
    const { rows: before } = await sql<{ position: number }>`select position from stream where name = 'workloads'`.execute(
      test.core.database.db,
    );
    const removed = await runRetention(test.core, { dry_run: false });
    expect(removed.events).toBe(before[0]?.position);
    const { rows } = await sql<{ floor: number }>`select floor from stream where name = 'workloads'`.execute(test.core.database.db);
    expect(rows[0]?.floor).toBe(before[0]?.position);
  });
});
