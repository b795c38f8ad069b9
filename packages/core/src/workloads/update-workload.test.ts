import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { getStats } from '../stats/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { resetCore } from '../testing/reset-core.ts';
import { heartbeat } from '../workers/index.ts';
import { UpdateWorkloadInput, WORKLOAD_STATUSES, type WorkloadStatus, type WorkloadWithAttempts } from './contract.ts';
import { cancelWorkload, canTransition, getWorkload, isFinal, updateWorkload } from './index.ts';

const PAIRS = WORKLOAD_STATUSES.flatMap((from) => WORKLOAD_STATUSES.map((to) => [from, to] as const));

describe.each(engines())('updating workloads on %s', (engine) => {
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

  const update = (input: UpdateWorkloadInput): Promise<WorkloadWithAttempts> => updateWorkload(test.core, UpdateWorkloadInput.parse(input));

  /** A workload that came to its status on the ways the table has. */
  async function inStatus(status: WorkloadStatus): Promise<string> {
    const { id } = await test.submit();
    if (status === 'pending') return id;
    await update({ id, status: 'running' });
    if (status !== 'running') await update({ id, status });
    return id;
  }

  it('sets every field, and a get shows the new values', async () => {
    const { id } = await test.submit();
    await update({ id, status: 'running', started_at: '2026-01-01T00:00:00.000Z' });
    const fields = { output: 'out', exit_code: 3, error: 'none', duration_ms: 1234, finished_at: '2026-01-01T00:00:09.000Z' };
    const updated = await update({ id, status: 'completed', ...fields });
    expect(updated).toMatchObject({ ...fields, status: 'completed', status_reason: null, started_at: '2026-01-01T00:00:00.000Z' });
    expect(await getWorkload(test.core, { id })).toEqual(updated);
  });

  it('answers NOT_FOUND for an unknown id', async () => {
    await expect(update({ id: 'wl_none', status: 'running' })).rejects.toMatchObject({ code: 'NOT_FOUND', data: { id: 'wl_none' } });
  });

  it.each(PAIRS)('%s to %s does what the lifecycle table says', async (from, to) => {
    const id = await inStatus(from);
    const before = await getWorkload(test.core, { id });
    const isAllowed = from === to ? !isFinal(from) : canTransition(from, to, 'update');
    if (isAllowed) {
      const after = await update({ id, status: to });
      expect(after.status).toBe(to);
      expect(after.finished_at !== null).toBe(isFinal(to));
    } else {
      await expect(update({ id, status: to })).rejects.toMatchObject({ code: 'INVALID_TRANSITION', data: { from, to } });
      expect(await getWorkload(test.core, { id })).toEqual(before);
    }
    const by = (await getStats(test.core, {})).by_status;
    expect(by).toEqual({ pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0, [isAllowed ? to : from]: 1 });
  });

  it.each(WORKLOAD_STATUSES.filter((status) => isFinal(status)))('changes no field of a %s workload', async (status) => {
    const id = await inStatus(status);
    const before = await getWorkload(test.core, { id });
    for (const more of [{ output: 'late' }, { error: null }, { finished_at: '2026-01-01T00:00:00.000Z' }, {}]) {
      await expect(update({ id, ...more })).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    }
    expect(await getWorkload(test.core, { id })).toEqual(before);
  });

  it('sets fields without a status while the workload is not final', async () => {
    const { id } = await test.submit();
    await update({ id, error: 'looks odd' });
    expect(await update({ id, output: 'so far' })).toMatchObject({ status: 'pending', error: 'looks odd', output: 'so far' });
    expect(await update({ id, output: null, error: null })).toMatchObject({ output: null, error: null });
  });

  it('wants a final status for finished_at, and one not before started_at', async () => {
    const { id } = await test.submit();
    const finishedAt = '2026-01-01T00:00:00.000Z';
    const refusal = { code: 'VALIDATION', issues: [{ path: 'finished_at' }] };
    await expect(update({ id, finished_at: finishedAt })).rejects.toMatchObject(refusal);
    await expect(update({ id, status: 'running', finished_at: finishedAt })).rejects.toMatchObject(refusal);
    await update({ id, status: 'running' });
    await expect(update({ id, status: 'completed', finished_at: null })).rejects.toMatchObject(refusal);
    await expect(update({ id, status: 'completed', finished_at: finishedAt })).rejects.toMatchObject(refusal);
    expect(await getWorkload(test.core, { id })).toMatchObject({ status: 'running', finished_at: null });
    const done = await update({ id, status: 'completed', started_at: '2025-12-31T23:59:58.500Z', finished_at: finishedAt });
    expect(done).toMatchObject({ finished_at: finishedAt, duration_ms: 1500 });
  });

  it('marks work executed elsewhere: no lease, and no agent can claim it', async () => {
    const { id } = await test.submit();
    const running = await update({ id, status: 'running' });
    expect(running).toMatchObject({
      status_reason: 'external',
      worker_id: null,
      attempt: 1,
      lease_epoch: 0,
      wait_reason: 'It is executed elsewhere, as an update said.',
    });
    expect(running.started_at).not.toBeNull();
    expect(await test.claim(worker)).toEqual([]);
  });

  it.each(['completed', 'failed', 'cancelled', 'pending'] as const)(
    'to %s revokes the lease: the agent is told LEASE_STALE',
    async (status) => {
      const { id } = await test.submit();
      const job = await test.claimOne(worker);
      await test.report(worker, { op: 'checkpoint', job_id: id, lease_epoch: 1, cursor: 'half' });
      const after = await update({ id, status });
      expect(after).toMatchObject({ status, lease_epoch: 2, checkpoint: 'half' });
      expect(after.attempts).toMatchObject([{ outcome: 'revoked', lease_epoch: 1 }]);
      const beat = await heartbeat(test.core, { worker_id: worker, leases: [{ job_id: id, lease_epoch: 1 }] });
      expect(beat).toMatchObject({ renewed: [], stale: [{ job_id: id, current_epoch: 2 }] });
      const late = await test.report(
        worker,
        { op: 'checkpoint', job_id: id, lease_epoch: 1, cursor: 'late' },
        { op: 'output', job_id: id, lease_epoch: 1, seq: 0, stream: 'stdout', text: 'late' },
        { op: 'complete', job_id: id, lease_epoch: job.lease_epoch },
        { op: 'fail', job_id: id, lease_epoch: 1, error: 'late', retryable: true, reason: 'error' },
        { op: 'release', job_id: id, lease_epoch: 1 },
      );
      for (const result of late)
        expect(result).toMatchObject({ ok: false, code: 'LEASE_STALE', data: { reason: 'revoked', current_epoch: 2 } });
      expect(await getWorkload(test.core, { id })).toMatchObject({ status, checkpoint: 'half', lease_epoch: 2 });
    },
  );

  it('handed back by an update, the workload has its attempt again and can be claimed', async () => {
    const { id } = await test.submit({ max_attempts: 1 });
    await test.claimOne(worker);
    expect(await update({ id, status: 'pending' })).toMatchObject({
      status_reason: 'queued',
      attempt: 0,
      worker_id: null,
      started_at: null,
    });
    expect(await test.claimOne(worker)).toMatchObject({ attempt: 1, lease_epoch: 3 });
    await update({ id, status: 'pending' });
    await update({ id, status: 'running' });
    expect(await update({ id, status: 'pending' })).toMatchObject({ attempt: 0 });
  });

  it('handed back while a cancel waits for its answer, the workload is no longer being cancelled', async () => {
    const { id } = await test.submit();
    await test.claimOne(worker);
    await cancelWorkload(test.core, { id });
    expect(await update({ id, status: 'pending' })).toMatchObject({ status: 'pending', cancel_requested_at: null });
  });

  it('cuts output that is too long instead of refusing it', async () => {
    const { id } = await test.submit();
    const updated = await update({ id, output: 'é'.repeat(300_000) });
    expect(updated.output_truncated).toBe(true);
    expect(Buffer.byteLength(updated.output ?? '')).toBeLessThanOrEqual(524_288);
    expect((await update({ id, output: 'short' })).output_truncated).toBe(false);
  });

  it('counts a completion told by an update into the mean duration', async () => {
    for (const durationMs of [10, 21]) {
      const { id } = await test.submit();
      await update({ id, status: 'running' });
      await update({ id, status: 'completed', duration_ms: durationMs });
    }
    const { id } = await test.submit();
    await update({ id, status: 'running' });
    await update({ id, status: 'failed', duration_ms: 9999 });
    expect((await getStats(test.core, {})).avg_duration_ms).toBe(16);
  });
});
