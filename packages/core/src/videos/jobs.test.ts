import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getOverviewStats } from '../publishing/index.ts';
import { seeding } from '../publishing/testing/seed.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { retryWorkload } from '../workloads/index.ts';
import { foldVideoJobs, listVideoJobs } from './index.ts';

describe.each(engines())('the jobs of a video on %s', (engine) => {
  let test: TestCore;
  let video = '';

  beforeAll(async () => {
    test = await createTestCore(engine);
    video = await seeding(test.core).video();
  });
  afterAll(() => test.close());

  const counts = async () => {
    const { total_jobs, pending_jobs, processing_jobs, failed_jobs, completed_jobs } = await getOverviewStats(test.core, {});
    return [total_jobs, pending_jobs, processing_jobs, failed_jobs, completed_jobs];
  };

  it('are counted exactly at every step of an agent, before and after the counters caught up', async () => {
    const job = await seeding(test.core).job(video, { kind: 'cut', platform: 'tiktok', max_attempts: 1 });
    expect(job).toMatchObject({ video_id: video, platform: 'tiktok', clip_id: null, labels: { video, platform: 'tiktok' } });
    const worker = await test.worker({ kinds: ['cut'] });
    const steps: [() => Promise<unknown>, number[]][] = [
      [async () => undefined, [1, 1, 0, 0, 0]],
      [() => test.claimOne(worker), [1, 0, 1, 0, 0]],
      [
        () => test.report(worker, { op: 'fail', job_id: job.id, lease_epoch: 1, error: 'x', retryable: false, reason: 'error' }),
        [1, 0, 0, 1, 0],
      ],
      [() => retryWorkload(test.core, { id: job.id, keep_checkpoint: true }), [1, 1, 0, 0, 0]],
      [() => test.claimOne(worker), [1, 0, 1, 0, 0]],
      [() => test.report(worker, { op: 'complete', job_id: job.id, lease_epoch: 2 }), [1, 0, 0, 0, 1]],
    ];
    for (const [step, expected] of steps) {
      await step();
      expect(await counts()).toEqual(expected);
    }
    await foldVideoJobs(test.core);
    expect(await counts()).toEqual([1, 0, 0, 0, 1]);
    expect((await listVideoJobs(test.core, { id: video, limit: 10 })).items).toMatchObject([{ workload_id: job.id, status: 'completed' }]);
  });

  it('are folded once however many servers do it, and linked once under one idempotency key', async () => {
    const before = await counts();
    const [first, second] = await Promise.all([
      seeding(test.core).job(video, { idempotency_key: 'same' }),
      seeding(test.core).job(video, { idempotency_key: 'same' }),
    ]);
    expect(second.id).toBe(first.id);
    await Promise.all([foldVideoJobs(test.core), foldVideoJobs(test.core), foldVideoJobs(test.core)]);
    expect(await counts()).toEqual([(before[0] ?? 0) + 1, (before[1] ?? 0) + 1, ...before.slice(2)]);
  });

  it('leave the totals when retention removes them', async () => {
    const [total = 0, pending = 0] = await counts();
    const { rows } = await sql<{ id: string }>`select workload_id as id from video_job order by workload_id desc limit 1`.execute(
      test.core.database.db,
    );
    const item = JSON.stringify([{ type: 'workload.deleted', id: rows[0]?.id, from: 'pending', lane: 1 }]);
    await sql`with s as (update stream set position = position + 1 where name = 'workloads' returning position)
      insert into event (stream, position, item_count, items) select 'workloads', position, 1, ${item} from s`.execute(
      test.core.database.db,
    );
    expect((await counts()).slice(0, 2)).toEqual([total - 1, pending - 1]);
    await foldVideoJobs(test.core);
    expect((await counts()).slice(0, 2)).toEqual([total - 1, pending - 1]);
  });
});
