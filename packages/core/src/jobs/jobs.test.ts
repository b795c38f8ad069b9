import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { watchWorkload } from '../events/index.ts';
import { getStats } from '../stats/index.ts';
import { settleGrants } from '../leases/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { setLeases } from '../testing/set-leases.ts';
import { heartbeat } from '../workers/index.ts';
import { cancelWorkload, getWorkload, promoteDue, retryWorkload } from '../workloads/index.ts';
import { sweepLeases } from './index.ts';
import type { ClaimedJob, ReportItem } from './contract.ts';

type Of<Op extends ReportItem['op']> = Extract<ReportItem, { op: Op }>;

function complete(job: ClaimedJob, more: Partial<Of<'complete'>> = {}): ReportItem {
  return { op: 'complete', job_id: job.job_id, lease_epoch: job.lease_epoch, exit_code: 0, ...more };
}

function fail(job: ClaimedJob, more: Partial<Of<'fail'>> = {}): ReportItem {
  return { op: 'fail', job_id: job.job_id, lease_epoch: job.lease_epoch, error: 'broken', retryable: true, reason: 'error', ...more };
}

describe.each(engines())('jobs on %s', (engine) => {
  let test: TestCore;
  let worker: string;

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  beforeEach(async () => {
    await sql`truncate workload, attempt, lease, lease_grant, counter, event, worker`.execute(test.core.database.db);
    test.core.roster.forget('*');
    worker = await test.worker();
  });
  afterAll(() => test.close());

  const expireLeases = (): Promise<void> => setLeases(test.core, sql`expires_at = now() - interval '1 s'`);

  it('runs a workload from creation to completion', async () => {
    const made = await test.submit({ payload: { command: ['true'] }, labels: { team: 'a' } });
    expect(made).toMatchObject({ status: 'pending', status_reason: 'queued', attempt: 0 });
    const job = await test.claimOne(worker);
    expect(job).toMatchObject({
      job_id: made.id,
      kind: 'command',
      payload: { command: ['true'] },
      attempt: 1,
      lease_epoch: 1,
      labels: { team: 'a' },
      checkpoint: null,
    });
    expect(await getWorkload(test.core, made)).toMatchObject({ status: 'running', status_reason: 'leased', worker_id: worker });
    expect(await test.report(worker, complete(job, { output: 'hello\0', keys_scanned: 5 }))).toEqual([{ job_id: made.id, ok: true }]);
    const done = await getWorkload(test.core, made);
    expect(done).toMatchObject({
      status: 'completed',
      status_reason: null,
      output: 'hello\uFFFD',
      exit_code: 0,
      keys_scanned: 5,
      wait_reason: null,
    });
    expect(done.attempts).toMatchObject([{ attempt: 1, outcome: 'completed', lease_epoch: 1, exit_code: 0 }]);
    expect(done.duration_ms).toBeGreaterThanOrEqual(0);
    expect(done.finished_at).not.toBeNull();
  });

  it('claims the most urgent first, then the oldest', async () => {
    const low = await test.submit({ priority: -1 });
    const first = await test.submit();
    const second = await test.submit();
    const urgent = await test.submit({ priority: 5 });
    expect((await test.claim(worker, 10)).map((job) => job.job_id)).toEqual([urgent.id, first.id, second.id, low.id]);
  });

  it('never hands one job to two claimers', async () => {
    for (let index = 0; index < 20; index += 1) await test.submit();
    const all = (await Promise.all(Array.from({ length: 8 }, () => test.claim(worker, 4)))).flat();
    expect(new Set(all.map((job) => job.job_id)).size).toBe(all.length);
    expect(all.length).toBe(20);
  });

  it('refuses a second completion, one with an old epoch, and one of another worker', async () => {
    await test.submit();
    const job = await test.claimOne(worker);
    expect(await test.report(worker, complete(job, { lease_epoch: 0 }))).toMatchObject([
      { ok: false, code: 'LEASE_STALE', data: { current_epoch: 1 } },
    ]);
    const other = await test.worker();
    expect(await test.report(other, complete(job))).toMatchObject([{ ok: false, code: 'LEASE_STALE', data: { reason: 'other_worker' } }]);
    expect(await test.report(worker, complete(job, { request_id: 'a' }))).toMatchObject([{ ok: true }]);
    expect(await test.report(worker, complete(job, { request_id: 'b' }))).toMatchObject([
      { ok: false, code: 'LEASE_STALE', data: { reason: 'completed' } },
    ]);
    expect(await test.report(worker, complete(job, { request_id: 'a' }))).toMatchObject([{ ok: true }]);
    expect(await test.report(worker, complete(job, { job_id: 'wl_none' }))).toMatchObject([{ ok: false, code: 'NOT_FOUND' }]);
  });

  it('answers the report that ended a lease again, and refuses every other one under its request id', async () => {
    const ends: readonly ((job: Parameters<typeof complete>[0]) => ReportItem)[] = [
      (job) => complete(job, { request_id: 'end', exit_code: 0 }),
      (job) => fail(job, { request_id: 'end', retryable: false, exit_code: 1 }),
      ({ job_id, lease_epoch }) => ({ op: 'release', job_id, lease_epoch, request_id: 'end' }),
    ];
    const others = (job: Parameters<typeof complete>[0]): readonly ReportItem[] => [
      ...ends.map((end) => end(job)),
      complete(job, { request_id: 'end', exit_code: 7 }),
      fail(job, { request_id: 'end', retryable: false, exit_code: 1, error: 'something else' }),
      { op: 'checkpoint', job_id: job.job_id, lease_epoch: job.lease_epoch, request_id: 'end' },
    ];
    for (const isNoted of [false, true]) {
      for (const [index, end] of ends.entries()) {
        const made = await test.submit();
        const job = await test.claimOne(worker);
        // A lease that was spoken of has a row of its own; one that was not is fenced by the workload.
        const { job_id, lease_epoch } = job;
        if (isNoted) expect(await test.report(worker, { op: 'checkpoint', job_id, lease_epoch })).toMatchObject([{ ok: true }]);
        expect(await test.report(worker, end(job))).toMatchObject([{ ok: true }]);
        const ended = await getWorkload(test.core, made);
        for (const [at, other] of others(job).entries()) {
          const [answer] = await test.report(worker, other);
          const refusal = { ok: false, code: 'CONFLICT', data: { reason: 'request_id_reused' } };
          expect(answer, `${other.op} ${at} after ${index}`).toMatchObject(at === index ? { ok: true } : refusal);
        }
        expect(await getWorkload(test.core, made)).toEqual(ended);
        await cancelWorkload(test.core, made).catch(() => undefined);
      }
    }
  });

  it('retries a retryable failure while attempts are left, then fails', async () => {
    const made = await test.submit({ max_attempts: 2, backoff_ms: 0 });
    await test.report(worker, fail(await test.claimOne(worker)));
    const waiting = await getWorkload(test.core, made);
    expect(waiting).toMatchObject({ status: 'pending', status_reason: 'retry_backoff', attempt: 1, error: 'broken' });
    expect(await promoteDue(test.core)).toBe(1);
    const again = await test.claimOne(worker);
    expect(again).toMatchObject({ attempt: 2, lease_epoch: 2 });
    await test.report(worker, fail(again, { exit_code: 3 }));
    const failed = await getWorkload(test.core, made);
    expect(failed).toMatchObject({ status: 'failed', status_reason: 'error', exit_code: 3 });
    expect(failed.attempts.map((attempt) => attempt.outcome)).toEqual(['failed', 'failed']);
    expect(await retryWorkload(test.core, { id: made.id, keep_checkpoint: true })).toMatchObject({
      status: 'pending',
      attempt: 0,
      lease_epoch: 2,
    });
    expect(await test.claimOne(worker)).toMatchObject({ attempt: 1, lease_epoch: 3 });
  });

  it('hands a released job on with its checkpoint and charges no attempt', async () => {
    const made = await test.submit();
    const job = await test.claimOne(worker);
    await test.report(worker, { op: 'checkpoint', job_id: job.job_id, lease_epoch: 1, cursor: { at: 7 }, keys_scanned: 70 });
    await test.report(worker, { op: 'release', job_id: job.job_id, lease_epoch: 1 });
    expect(await getWorkload(test.core, made)).toMatchObject({
      status: 'pending',
      status_reason: 'released',
      attempt: 0,
      checkpoint: { at: 7 },
      keys_scanned: 70,
    });
    expect(await test.claimOne(worker)).toMatchObject({ attempt: 1, lease_epoch: 2, checkpoint: { at: 7 } });
  });

  it('takes an expired lease over, charges the platform, and quarantines after three losses', async () => {
    const made = await test.submit({ backoff_ms: 0 });
    const frozen = await test.claimOne(worker);
    await test.report(worker, { op: 'checkpoint', job_id: made.id, lease_epoch: 1, cursor: 'x' });
    expect(await sweepLeases(test.core)).toBe(0);
    await expireLeases();
    expect(await sweepLeases(test.core)).toBe(1);
    expect(await getWorkload(test.core, made)).toMatchObject({
      status: 'pending',
      status_reason: 'lease_expired',
      attempt: 0,
      lease_losses: 1,
      checkpoint: 'x',
    });
    const other = await test.worker();
    const taken = await test.claimOne(other);
    expect(taken.checkpoint).toBe('x');
    expect(await test.report(worker, complete(frozen))).toMatchObject([
      { code: 'LEASE_STALE', data: { reason: 'lease_expired', current_epoch: 2 } },
    ]);
    for (let loss = 2; loss <= 3; loss += 1) {
      await expireLeases();
      await sweepLeases(test.core);
      await promoteDue(test.core);
      if (loss < 3) await test.claimOne(other);
    }
    expect(await getWorkload(test.core, made)).toMatchObject({ status: 'failed', status_reason: 'quarantined', lease_losses: 3 });
  });

  it('carries a cancel in the heartbeat and never retries after it', async () => {
    const made = await test.submit({ max_attempts: 5 });
    const job = await test.claimOne(worker);
    expect(await cancelWorkload(test.core, made)).toMatchObject({ status: 'running', status_reason: 'cancelling' });
    const beat = await heartbeat(test.core, { worker_id: worker, leases: [{ job_id: made.id, lease_epoch: 1 }] });
    expect(beat).toMatchObject({ renewed: [made.id], cancel: [made.id], stale: [] });
    await test.report(worker, fail(job, { reason: 'cancelled' }));
    expect(await getWorkload(test.core, made)).toMatchObject({ status: 'cancelled', status_reason: 'requested' });
  });

  it('ends a cancel nobody confirms as unconfirmed', async () => {
    const made = await test.submit();
    await test.claimOne(worker);
    await cancelWorkload(test.core, made);
    await setLeases(test.core, sql`cancel_deadline_at = now() - interval '1 s'`);
    await sweepLeases(test.core);
    expect(await getWorkload(test.core, made)).toMatchObject({ status: 'cancelled', status_reason: 'unconfirmed' });
  });

  it('renews only the leases a heartbeat lists and names the stale ones', async () => {
    await test.submit();
    await test.submit();
    const [first, second] = await test.claim(worker, 2);
    await setLeases(test.core, sql`expires_at = now() + interval '1 s'`);
    const beat = await heartbeat(test.core, {
      worker_id: worker,
      leases: [
        { job_id: first?.job_id ?? '', lease_epoch: 1 },
        { job_id: second?.job_id ?? '', lease_epoch: 9 },
        { job_id: 'wl_x', lease_epoch: 1 },
      ],
    });
    expect(beat.renewed).toEqual([first?.job_id]);
    expect(beat.stale).toMatchObject([
      { job_id: second?.job_id, reason: 'unknown_epoch', current_epoch: 1 },
      { job_id: 'wl_x', reason: 'unknown', current_epoch: null },
    ]);
    await settleGrants(test.core, 0);
    const rows = await test.core.database.db
      .selectFrom('lease')
      .select(['workload_id', sql<boolean>`expires_at > now() + interval '20 s'`.as('is_renewed')])
      .execute();
    expect(new Map(rows.map((row) => [row.workload_id, row.is_renewed]))).toEqual(
      new Map([
        [first?.job_id, true],
        [second?.job_id, false],
      ]),
    );
  });

  it('accepts a repeated checkpoint or output chunk once', async () => {
    const made = await test.submit();
    await test.claimOne(worker);
    const point: ReportItem = { op: 'checkpoint', job_id: made.id, lease_epoch: 1, keys_scanned: 10, request_id: 'r1', cursor: 1 };
    const chunk: ReportItem = { op: 'output', job_id: made.id, lease_epoch: 1, seq: 0, stream: 'stdout', text: 'a' };
    expect(await test.report(worker, point, point, chunk, chunk)).toEqual(Array.from({ length: 4 }, () => ({ job_id: made.id, ok: true })));
    expect(await test.report(worker, point, chunk)).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await getWorkload(test.core, made)).toMatchObject({ keys_scanned: 10, status_reason: 'executing' });
    const stop = new AbortController();
    const types: string[] = [];
    for await (const event of watchWorkload(test.core, { id: made.id, after: null }, stop.signal)) {
      types.push(event.type);
      if (types.length === 4) stop.abort();
    }
    expect(types).toEqual(['workload.created', 'workload.started', 'checkpoint', 'output']);
  });

  it('keeps statistics equal to a true count', async () => {
    for (let index = 0; index < 6; index += 1) await test.submit();
    await test.submit({ kind: 'script' });
    const jobs = await test.claim(worker, 4);
    const [first, second, third] = jobs;
    if (first === undefined || second === undefined || third === undefined) throw new Error('too few jobs');
    await test.report(worker, complete(first), fail(second, { retryable: false }), complete(third));
    await cancelWorkload(test.core, { id: (await test.submit()).id });
    expect(await getStats(test.core, {})).toMatchObject({
      total: 8,
      by_status: { pending: 3, running: 1, completed: 2, failed: 1, cancelled: 1 },
      by_isolation: { process: 7, isolate: 1, gvisor: 0, microvm: 0 },
    });
  });
});
