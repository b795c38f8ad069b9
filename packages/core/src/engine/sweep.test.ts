import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimJobs } from '../jobs/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { resetCore } from '../testing/reset-core.ts';
import { setLeases } from '../testing/set-leases.ts';
import { getWorkload } from '../workloads/index.ts';
import { sweep } from './sweep.ts';

describe.each(engines())('keeping time on %s', (engine) => {
  let test: TestCore;
  let worker: string;

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  beforeEach(async () => {
    await resetCore(test);
    worker = await test.worker();
  });
  afterAll(() => test.close());

  const lastSweptAgo = (seconds: number | null): Promise<unknown> =>
    seconds === null
      ? sql`update setting set value = 'null' where key = 'sweep'`.execute(test.core.database.db)
      : sql`update setting set value = to_jsonb(now() - ${seconds} * interval '1 s') where key = 'sweep'`.execute(test.core.database.db);
  const expireLeases = (): Promise<void> => setLeases(test.core, sql`expires_at = now() - interval '1 s'`);

  it('takes expired leases away, on the first round and when the last one was a while ago', async () => {
    for (const ago of [null, 6]) {
      const { id } = await test.submit();
      await test.claimOne(worker);
      await expireLeases();
      await lastSweptAgo(ago);
      await sweep(test.core);
      expect(await getWorkload(test.core, { id })).toMatchObject({ status: 'pending', status_reason: 'lease_expired' });
      await sql`delete from workload`.execute(test.core.database.db);
    }
  });

  it('leaves the round to the server that swept just now', async () => {
    const { id } = await test.submit();
    await test.claimOne(worker);
    await expireLeases();
    await lastSweptAgo(1);
    await sweep(test.core);
    expect(await getWorkload(test.core, { id })).toMatchObject({ status: 'running' });
  });

  it('extends every lease once after nobody swept for long, so that an outage re-runs nothing', async () => {
    const { id } = await test.submit();
    await test.claimOne(worker);
    await expireLeases();
    await lastSweptAgo(120);
    await sweep(test.core);
    expect(await getWorkload(test.core, { id })).toMatchObject({ status: 'running', lease_losses: 0 });
    await expireLeases();
    await lastSweptAgo(6);
    await sweep(test.core);
    expect(await getWorkload(test.core, { id })).toMatchObject({ status: 'pending', lease_losses: 1 });
  });

  it('hands a scheduled or backed-off workload to a parked agent when its time comes', async () => {
    test.core.start();
    const parked = () => claimJobs(test.core, { worker_id: worker, max: 1, wait_ms: 20_000 });
    const scheduled = await test.submit({ run_at: new Date(Date.now() + 400).toISOString(), max_attempts: 2, backoff_ms: 200 });
    expect(scheduled.status_reason).toBe('scheduled');
    const [first] = (await parked()).jobs;
    expect(first).toMatchObject({ job_id: scheduled.id, attempt: 1 });
    await test.report(worker, { op: 'fail', job_id: scheduled.id, lease_epoch: 1, error: 'x', retryable: true, reason: 'error' });
    expect((await parked()).jobs).toMatchObject([{ job_id: scheduled.id, attempt: 2 }]);
  });
});
