import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sweepLeases } from '../jobs/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { resetCore } from '../testing/reset-core.ts';
import { setLeases } from '../testing/set-leases.ts';
import { expireWorkloads, getWorkload, nextWakeMs, promoteDue, updateWorkload } from './index.ts';

const FAR = '2099-01-01T00:00:00.000Z';
const PAST = '2020-01-01T00:00:00.000Z';

describe.each(engines())('deadlines and due times on %s', (engine) => {
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

  const isPast = (column: 'start_deadline_at' | 'deadline_at' | 'wake_at'): Promise<unknown> =>
    sql`update workload set ${sql.ref(column)} = now() - interval '1 s' where ${sql.ref(column)} is not null`.execute(
      test.core.database.db,
    );
  const fail = (id: string, epoch: number) =>
    test.report(worker, { op: 'fail', job_id: id, lease_epoch: epoch, error: 'x', retryable: true, reason: 'error' });

  it('fails what did not start before its start deadline as expired, and never hands it out', async () => {
    const { id } = await test.submit({ start_deadline_at: FAR });
    const unhurried = await test.submit({ start_deadline_at: FAR });
    expect(await expireWorkloads(test.core)).toBe(0);
    await sql`update workload set start_deadline_at = now() - interval '1 s' where id = ${id}`.execute(test.core.database.db);
    expect((await test.claim(worker, 5)).map((job) => job.job_id)).toEqual([unhurried.id]);
    expect(await expireWorkloads(test.core)).toBe(1);
    const expired = await getWorkload(test.core, { id });
    expect(expired).toMatchObject({
      status: 'failed',
      status_reason: 'expired',
      attempt: 0,
      error: 'It did not start before its start deadline.',
    });
    expect(expired.finished_at).not.toBeNull();
    expect(await expireWorkloads(test.core)).toBe(0);
  });

  it('does not expire what started in time and waits for its next attempt', async () => {
    const { id } = await test.submit({ start_deadline_at: FAR, max_attempts: 2, backoff_ms: 0 });
    await test.claimOne(worker);
    await fail(id, 1);
    await isPast('start_deadline_at');
    expect(await expireWorkloads(test.core)).toBe(0);
    await promoteDue(test.core);
    expect(await test.claimOne(worker)).toMatchObject({ job_id: id, attempt: 2 });
  });

  it('fails what waits past its total deadline as timeout', async () => {
    const { id } = await test.submit({ deadline_at: FAR, max_attempts: 5, backoff_ms: 0 });
    await test.claimOne(worker);
    await fail(id, 1);
    await isPast('deadline_at');
    expect(await test.claim(worker)).toEqual([]);
    expect(await expireWorkloads(test.core)).toBe(1);
    expect(await getWorkload(test.core, { id })).toMatchObject({ status: 'failed', status_reason: 'timeout' });
  });

  it('does not retry a failure after the total deadline', async () => {
    const { id } = await test.submit({ deadline_at: FAR, max_attempts: 5 });
    await test.claimOne(worker);
    await isPast('deadline_at');
    await fail(id, 1);
    expect(await getWorkload(test.core, { id })).toMatchObject({ status: 'failed', status_reason: 'error', attempt: 1 });
  });

  it('ends an attempt past timeout_ms: retried while attempts are left, then failed', async () => {
    const { id } = await test.submit({ timeout_ms: 1, max_attempts: 2, backoff_ms: 0 });
    const passDeadline = (): Promise<void> => setLeases(test.core, sql`deadline_at = now() - interval '1 minute'`);
    const first = await test.claimOne(worker);
    await passDeadline();
    expect(await sweepLeases(test.core)).toBe(1);
    expect(await getWorkload(test.core, { id })).toMatchObject({ status: 'pending', status_reason: 'retry_backoff', attempt: 1 });
    expect(await test.report(worker, { op: 'complete', job_id: id, lease_epoch: first.lease_epoch })).toMatchObject([
      { code: 'LEASE_STALE', data: { reason: 'timeout' } },
    ]);
    await promoteDue(test.core);
    await test.claimOne(worker);
    await passDeadline();
    await sweepLeases(test.core);
    const failed = await getWorkload(test.core, { id });
    expect(failed).toMatchObject({ status: 'failed', status_reason: 'timeout', attempt: 2 });
    expect(failed.attempts.map((attempt) => attempt.outcome)).toEqual(['timeout', 'timeout']);
  });

  it('ends work executed elsewhere after timeout_ms only', async () => {
    const [short, long] = [await test.submit({ timeout_ms: 1000 }), await test.submit()];
    for (const { id } of [short, long]) await updateWorkload(test.core, { id, status: 'running' });
    expect(await expireWorkloads(test.core)).toBe(0);
    await sql`update workload set started_at = now() - interval '2 s'`.execute(test.core.database.db);
    expect(await expireWorkloads(test.core)).toBe(1);
    expect(await getWorkload(test.core, short)).toMatchObject({ status: 'failed', status_reason: 'timeout' });
    expect(await getWorkload(test.core, long)).toMatchObject({ status: 'running', status_reason: 'external' });
  });

  it('keeps a scheduled workload back until it is due', async () => {
    const { id, status_reason: reason } = await test.submit({ run_at: FAR });
    expect(reason).toBe('scheduled');
    expect(await test.claim(worker)).toEqual([]);
    expect(await promoteDue(test.core)).toBe(0);
    expect(await nextWakeMs(test.core)).toBeGreaterThan(1e9);
    await isPast('wake_at');
    expect(await promoteDue(test.core)).toBe(1);
    expect(await nextWakeMs(test.core)).toBeNull();
    expect(await getWorkload(test.core, { id })).toMatchObject({ status: 'pending', status_reason: 'queued', run_at: FAR });
    expect((await test.claimOne(worker)).job_id).toBe(id);
  });

  it('takes a run_at in the past as now', async () => {
    expect(await test.submit({ run_at: PAST })).toMatchObject({ status_reason: 'queued', run_at: PAST });
    await test.claimOne(worker);
  });

  it('doubles the wait before each retry, with jitter from half to the whole', async () => {
    const { id } = await test.submit({ max_attempts: 10, backoff_ms: 10_000 });
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      const job = await test.claimOne(worker);
      await fail(id, job.lease_epoch);
      const { rows } = await sql<{ ms: number }>`
        select extract(epoch from wake_at - finished) * 1000 as ms from workload, lateral (select max(finished_at) as finished from attempt) a`.execute(
        test.core.database.db,
      );
      const full = 10_000 * 2 ** (attempt - 1);
      expect(rows[0]?.ms).toBeGreaterThanOrEqual(full / 2 - 1);
      expect(rows[0]?.ms).toBeLessThanOrEqual(full + 1);
      await isPast('wake_at');
      await promoteDue(test.core);
    }
  });

  it('waits as long as the agent asked before the next attempt', async () => {
    const { id } = await test.submit({ max_attempts: 2, backoff_ms: 0 });
    await test.claimOne(worker);
    await test.report(worker, {
      op: 'fail',
      job_id: id,
      lease_epoch: 1,
      error: 'x',
      retryable: true,
      reason: 'error',
      retry_after_ms: 3_600_000,
    });
    const wake = await nextWakeMs(test.core);
    expect(wake).toBeGreaterThan(3_500_000);
    expect(wake).toBeLessThanOrEqual(3_600_000);
    expect((await getWorkload(test.core, { id })).wait_reason).toContain('The next attempt starts at');
  });
});
