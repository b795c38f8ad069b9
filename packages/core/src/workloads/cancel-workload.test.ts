import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sweepLeases } from '../jobs/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { resetCore } from '../testing/reset-core.ts';
import { setLeases } from '../testing/set-leases.ts';
import { cancelWorkload, getWorkload, promoteDue, retryWorkload, updateWorkload } from './index.ts';

describe.each(engines())('cancelling and retrying workloads on %s', (engine) => {
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

  const retry = (id: string, keepCheckpoint = true) => retryWorkload(test.core, { id, keep_checkpoint: keepCheckpoint });

  it('cancels at once what nobody runs: queued, scheduled, backed off, executed elsewhere', async () => {
    const queued = await test.submit();
    const scheduled = await test.submit({ run_at: '2099-01-01T00:00:00.000Z' });
    const elsewhere = await test.submit();
    await updateWorkload(test.core, { id: elsewhere.id, status: 'running' });
    const backedOff = await test.submit({ max_attempts: 2, priority: 1000 });
    const job = await test.claimOne(worker);
    await test.report(worker, { op: 'fail', job_id: job.job_id, lease_epoch: 1, error: 'x', retryable: true, reason: 'error' });
    expect(await getWorkload(test.core, backedOff)).toMatchObject({ status_reason: 'retry_backoff' });
    for (const { id } of [queued, scheduled, elsewhere, backedOff]) {
      const cancelled = await cancelWorkload(test.core, { id });
      expect(cancelled).toMatchObject({ status: 'cancelled', status_reason: 'requested' });
      expect(cancelled.finished_at).not.toBeNull();
      expect(cancelled.cancel_requested_at).not.toBeNull();
      await expect(cancelWorkload(test.core, { id })).rejects.toMatchObject({
        code: 'INVALID_TRANSITION',
        data: { from: 'cancelled', to: 'cancelled' },
      });
    }
    expect(await promoteDue(test.core)).toBe(0);
    expect(await test.claim(worker, 10)).toEqual([]);
  });

  it('refuses to cancel what has ended or never was', async () => {
    const { id } = await test.submit();
    const job = await test.claimOne(worker);
    await test.report(worker, { op: 'complete', job_id: id, lease_epoch: job.lease_epoch });
    await expect(cancelWorkload(test.core, { id })).rejects.toMatchObject({ code: 'INVALID_TRANSITION', data: { from: 'completed' } });
    await expect(cancelWorkload(test.core, { id: 'wl_none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('asks for a running job once, whoever asks again', async () => {
    const { id } = await test.submit();
    await test.claimOne(worker);
    const first = await cancelWorkload(test.core, { id });
    expect(first).toMatchObject({ status: 'running', status_reason: 'cancelling' });
    expect(await cancelWorkload(test.core, { id })).toMatchObject({ cancel_requested_at: first.cancel_requested_at });
    expect(first.wait_reason).toContain(`worker ${worker} has until`);
  });

  it('lets a completion that comes first win over the cancel', async () => {
    const { id } = await test.submit();
    const job = await test.claimOne(worker);
    await cancelWorkload(test.core, { id });
    expect(await test.report(worker, { op: 'complete', job_id: id, lease_epoch: job.lease_epoch })).toMatchObject([{ ok: true }]);
    expect(await getWorkload(test.core, { id })).toMatchObject({ status: 'completed', status_reason: null });
  });

  it.each(['fail', 'release'] as const)('ends a cancelled job whose agent answers with %s', async (op) => {
    const { id } = await test.submit({ max_attempts: 9 });
    await test.claimOne(worker);
    await cancelWorkload(test.core, { id });
    await test.report(
      worker,
      op === 'fail' ? { op, job_id: id, lease_epoch: 1, error: 'x', retryable: true, reason: 'error' } : { op, job_id: id, lease_epoch: 1 },
    );
    const ended = await getWorkload(test.core, { id });
    expect(ended).toMatchObject({ status: 'cancelled', status_reason: 'requested' });
    expect(ended.attempts).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('ends a cancelled job whose lease ran out as unconfirmed', async () => {
    const { id } = await test.submit();
    await test.claimOne(worker);
    await cancelWorkload(test.core, { id });
    await setLeases(test.core, sql`expires_at = now() - interval '1 s'`);
    await sweepLeases(test.core);
    expect(await getWorkload(test.core, { id })).toMatchObject({ status: 'cancelled', status_reason: 'unconfirmed', lease_losses: 1 });
  });

  it.each(['failed', 'cancelled'] as const)('reopens a %s workload with a new budget and a growing epoch', async (status) => {
    const { id } = await test.submit({ max_attempts: 2, start_deadline_at: '2099-01-01T00:00:00.000Z' });
    await test.claimOne(worker);
    await test.report(worker, { op: 'checkpoint', job_id: id, lease_epoch: 1, cursor: 5, keys_scanned: 9 });
    await updateWorkload(test.core, { id, status, output: 'old', exit_code: 1, error: 'old' });
    const open = await retry(id);
    expect(open).toMatchObject({
      status: 'pending',
      status_reason: 'queued',
      attempt: 0,
      lease_losses: 0,
      lease_epoch: 2,
      checkpoint: 5,
      keys_scanned: 9,
    });
    expect(open).toMatchObject({
      output: null,
      exit_code: null,
      error: null,
      finished_at: null,
      duration_ms: null,
      cancel_requested_at: null,
      start_deadline_at: null,
    });
    expect(await test.claimOne(worker)).toMatchObject({ attempt: 1, lease_epoch: 3, checkpoint: 5 });
    expect(await test.report(worker, { op: 'complete', job_id: id, lease_epoch: 1 })).toMatchObject([{ code: 'LEASE_STALE' }]);
  });

  it('starts over without the checkpoint when asked', async () => {
    const { id } = await test.submit();
    await test.claimOne(worker);
    await test.report(worker, { op: 'fail', job_id: id, lease_epoch: 1, error: 'x', retryable: false, reason: 'error', cursor: 'here' });
    expect(await retry(id, false)).toMatchObject({ checkpoint: null, progress: null });
    expect((await test.claimOne(worker)).checkpoint).toBeNull();
  });

  it('refuses to retry what is pending, running or completed', async () => {
    const { id } = await test.submit();
    await expect(retry(id)).rejects.toMatchObject({ code: 'INVALID_TRANSITION', data: { from: 'pending' } });
    await test.claimOne(worker);
    await expect(retry(id)).rejects.toMatchObject({ code: 'INVALID_TRANSITION', data: { from: 'running' } });
    await test.report(worker, { op: 'complete', job_id: id, lease_epoch: 1 });
    await expect(retry(id)).rejects.toMatchObject({ code: 'INVALID_TRANSITION', data: { from: 'completed' } });
  });

  it('retries or cancels once when many ask at the same time', async () => {
    const { id } = await test.submit();
    const cancels = await Promise.allSettled(Array.from({ length: 6 }, () => cancelWorkload(test.core, { id })));
    expect(cancels.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    const retries = await Promise.allSettled(Array.from({ length: 6 }, () => retry(id)));
    expect(retries.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
  });
});
