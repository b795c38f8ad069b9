import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sweep } from '../engine/sweep.ts';
import { listEvents } from '../events/index.ts';
import type { StreamEvent } from '../events/contract.ts';
import { claimJobs } from '../jobs/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { resetCore } from '../testing/reset-core.ts';
import { setLeases } from '../testing/set-leases.ts';
import { cancelWorkload } from '../workloads/index.ts';
import { HeartbeatInput, ListWorkerSessionsInput, RegisterWorkerInput, type WorkerSession } from './contract.ts';
import {
  drainWorker,
  forgetWorker,
  getWorker,
  heartbeat,
  listWorkers,
  listWorkerSessions,
  quarantineWorker,
  registerWorker,
  resumeWorker,
  unquarantineWorker,
  watchWorker,
} from './index.ts';

const BODY = { worker_type: 'scanner', version: '1', isolations: ['process'], kinds: ['command'], slots: 4 };

describe.each(engines())('the registry of workers on %s', (engine) => {
  let test: TestCore;
  let id: string;

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  beforeEach(async () => {
    await resetCore(test);
    await sql`delete from setting where key = 'outage'`.execute(test.core.database.db);
    id = await test.worker({ name: 'first', labels: { zone: 'a' } });
  });
  afterAll(() => test.close());

  const register = async (input: object): Promise<string> =>
    (await registerWorker(test.core, RegisterWorkerInput.parse({ ...BODY, ...input }))).worker_id;
  const beat = (input: object) => heartbeat(test.core, HeartbeatInput.parse({ worker_id: id, ...input }));
  const sessions = async (): Promise<WorkerSession[]> => (await listWorkerSessions(test.core, ListWorkerSessionsInput.parse({ id }))).items;
  const silentFor = (seconds: number): Promise<unknown> =>
    sql`update worker set last_heartbeat_at = now() - ${seconds} * interval '1 s' where id = ${id}`.execute(test.core.database.db);
  const events = async (): Promise<StreamEvent[]> => (await listEvents(test.core, { stream: 'workers', limit: 1000 })).items;
  const told = async (): Promise<string[]> => (await events()).map((event) => event.type).filter((type) => type !== 'worker.registered');
  const sweepNow = async (): Promise<void> => {
    await sql`update setting set value = to_jsonb(now() - interval '6 s') where key = 'sweep'`.execute(test.core.database.db);
    await sweep(test.core);
  };

  it('keeps a session per registration, with why each ended', async () => {
    await register({ worker_id: id, name: 'first', version: '2', host: 'box', labels: { zone: 'b' } });
    await beat({ stopped: true });
    await register({ worker_id: id, name: 'first', version: '3' });
    expect(await sessions()).toMatchObject([
      { session: 3, version: '3', ended_at: null, end_reason: null },
      { session: 2, version: '2', host: 'box', labels: { zone: 'b' }, slots: 4, ended_at: expect.any(String), end_reason: 'stopped' },
      { session: 1, version: '1', labels: { zone: 'a' }, ended_at: expect.any(String), end_reason: 'replaced' },
    ]);
    expect(await getWorker(test.core, { id })).toMatchObject({ session: 3, version: '3' });
    const page = await listWorkerSessions(test.core, ListWorkerSessionsInput.parse({ id, limit: 2 }));
    const rest = await listWorkerSessions(test.core, ListWorkerSessionsInput.parse({ id, limit: 2, cursor: page.next_cursor }));
    expect([...page.items, ...rest.items].map((session) => session.session)).toEqual([3, 2, 1]);
  });

  it('says once that a worker is lost and once that it is back, and its session goes on', async () => {
    await silentFor(61);
    expect(await getWorker(test.core, { id })).toMatchObject({ liveness: 'lost' });
    await sweepNow();
    await sweepNow();
    expect(await told()).toEqual(['worker.lost']);
    expect(await sessions()).toMatchObject([{ end_reason: 'lost' }]);
    await beat({});
    await sweepNow();
    await sweepNow();
    expect(await told()).toEqual(['worker.lost', 'worker.recovered']);
    expect(await sessions()).toMatchObject([{ session: 1, ended_at: null, end_reason: null }]);
  });

  it('shows what a lost worker held after others took it over', async () => {
    const { id: job } = await test.submit();
    await test.claimOne(id);
    expect(await getWorker(test.core, { id })).toMatchObject({ held_jobs: [job], slots_used: 1 });
    await setLeases(test.core, sql`expires_at = now() - interval '1 s'`);
    await silentFor(61);
    await sweepNow();
    expect((await events()).at(-1)).toMatchObject({ type: 'worker.lost', data: { id, job_ids: [job] } });
    const other = await test.worker();
    await test.claimOne(other);
    expect(await getWorker(test.core, { id })).toMatchObject({ liveness: 'lost', held_jobs: [job], slots_used: 0 });
    expect(await sessions()).toMatchObject([{ end_reason: 'lost', lost_jobs: [job] }]);
    expect(await getWorker(test.core, { id: other })).toMatchObject({ held_jobs: [job] });
  });

  it('calls nobody lost right after an outage of the server', async () => {
    await silentFor(300);
    await sql`update setting set value = to_jsonb(now() - interval '300 s') where key = 'sweep'`.execute(test.core.database.db);
    await sweep(test.core);
    await sweepNow();
    expect(await told()).toEqual([]);
    await sql`update setting set value = to_jsonb(now() - interval '61 s') where key = 'outage'`.execute(test.core.database.db);
    await sweepNow();
    expect(await told()).toEqual(['worker.lost']);
  });

  it('drains on request: the heartbeat says so and claims come back empty, until it is resumed', async () => {
    await test.submit();
    expect(await drainWorker(test.core, { id })).toMatchObject({ liveness: 'draining', draining: true, drain_requested: true });
    await drainWorker(test.core, { id });
    expect(await beat({ draining: true })).toMatchObject({ drain: true });
    expect(await test.claim(id)).toEqual([]);
    expect(await resumeWorker(test.core, { id })).toMatchObject({ liveness: 'online', draining: false, drain_requested: false });
    await resumeWorker(test.core, { id });
    expect(await beat({ draining: false })).toMatchObject({ drain: false });
    expect(await test.claim(id)).toHaveLength(1);
    expect(await told()).toEqual(['worker.drain_requested', 'worker.resumed']);
  });

  it('keeps jobs from a quarantined worker, also after it registers again, and leaves it its leases', async () => {
    await test.submit();
    const held = await test.claimOne(id);
    await test.submit();
    await quarantineWorker(test.core, { id });
    await quarantineWorker(test.core, { id });
    expect(await test.claim(id)).toEqual([]);
    await register({ worker_id: id, name: 'first' });
    expect(await test.claim(id)).toEqual([]);
    expect(await beat({ leases: [{ job_id: held.job_id, lease_epoch: held.lease_epoch }] })).toMatchObject({
      renewed: [held.job_id],
      drain: true,
    });
    expect(await test.report(id, { op: 'complete', job_id: held.job_id, lease_epoch: held.lease_epoch })).toMatchObject([{ ok: true }]);
    expect(await unquarantineWorker(test.core, { id })).toMatchObject({ quarantined: false });
    expect(await test.claim(id)).toHaveLength(1);
    expect(await told()).toEqual(['worker.quarantined', 'worker.unquarantined']);
  });

  it('forgets a stopped worker but keeps its sessions, and refuses to forget a living one', async () => {
    await expect(forgetWorker(test.core, { id })).rejects.toMatchObject({ code: 'CONFLICT' });
    await beat({ stopped: true });
    expect(await forgetWorker(test.core, { id })).toEqual({ id, forgotten: true });
    expect(await forgetWorker(test.core, { id })).toEqual({ id, forgotten: true });
    await expect(forgetWorker(test.core, { id: 'wk_none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(getWorker(test.core, { id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(beat({})).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(claimJobs(test.core, { worker_id: id, max: 1, wait_ms: 0 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await sessions()).toMatchObject([{ session: 1, end_reason: 'stopped' }]);
    await register({ worker_id: id, name: 'first' });
    expect(await sessions()).toMatchObject([{ session: 2, end_reason: null }, { session: 1 }]);
    expect(await told()).toEqual(['worker.forgotten']);
  });

  it('refuses what names no worker', async () => {
    for (const act of [drainWorker, resumeWorker, quarantineWorker, unquarantineWorker]) {
      await expect(act(test.core, { id: 'wk_none' })).rejects.toMatchObject({ code: 'NOT_FOUND', data: { resource: 'worker' } });
    }
    await expect(listWorkerSessions(test.core, ListWorkerSessionsInput.parse({ id: 'wk_none' }))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('marks a job as stuck that told progress once and then none for twelve beats, while its worker is alive', async () => {
    const silent = await test.submit();
    await test.claimOne(id);
    const told1 = await test.submit();
    const job = await test.claimOne(id);
    await test.report(id, { op: 'checkpoint', job_id: job.job_id, lease_epoch: 1, keys_scanned: 1, progress: { done: 1 } });
    await sweepNow();
    await setLeases(
      test.core,
      sql`granted_at = now() - interval '200 s', progressed_at = case when progressed_at is null then null else now() - interval '130 s' end`,
    );
    await sweepNow();
    await sweepNow();
    expect(silent.id).not.toBe(told1.id);
    expect(await getWorker(test.core, { id })).toMatchObject({ stuck_jobs: [job.job_id] });
    expect(await told()).toEqual(['worker.stuck']);
    await beat({ leases: [{ job_id: job.job_id, lease_epoch: 1, progress: { done: 1 } }] });
    await sweepNow();
    expect(await getWorker(test.core, { id })).toMatchObject({ stuck_jobs: [job.job_id] });
    await beat({ leases: [{ job_id: job.job_id, lease_epoch: 1, progress: { done: 2 } }] });
    await sweepNow();
    expect(await getWorker(test.core, { id })).toMatchObject({ stuck_jobs: [] });
    expect((await events()).at(-1)).toMatchObject({ type: 'worker.recovered', data: { id, from: 'stuck', job_ids: [job.job_id] } });
  });

  it('says when a worker gets slow against others of its type and when it keeps up again', async () => {
    const ids = [id, await test.worker(), await test.worker()];
    const rates = async (...keys: number[]): Promise<void> => {
      for (const [index, worker] of ids.entries()) {
        await test.submit();
        const job = await test.claimOne(worker);
        await test.report(worker, {
          op: 'complete',
          job_id: job.job_id,
          lease_epoch: 1,
          keys_scanned: keys[index] ?? 0,
          duration_ms: 1000,
        });
      }
      await test.core.history.flush();
      await sweepNow();
    };
    await rates(40, 100, 100);
    expect((await events()).at(-1)).toMatchObject({
      type: 'worker.slow',
      data: { id, keys_per_second: 40, type_median_keys_per_second: 100 },
    });
    expect(await getWorker(test.core, { id })).toMatchObject({ is_slow: true });
    expect((await listWorkers(test.core, { limit: 10 })).items.filter((worker) => worker.is_slow).map((worker) => worker.id)).toEqual([id]);
    await rates(70, 100, 100);
    expect(await told()).toEqual(['worker.slow']);
    await rates(400, 100, 100);
    expect(await told()).toEqual(['worker.slow', 'worker.recovered']);
    expect(await getWorker(test.core, { id })).toMatchObject({ is_slow: false });
  });

  it('pushes a drain and a cancel to the worker that listens, each once', async () => {
    const { id: made } = await test.submit();
    await test.claimOne(id);
    const stop = new AbortController();
    const directives = watchWorker(test.core, { id }, stop.signal);
    expect((await directives.next()).value).toEqual({ type: 'worker.directives', worker_id: id, drain: false, cancel: [] });
    const cancel = directives.next();
    await cancelWorkload(test.core, { id: made });
    expect((await cancel).value).toMatchObject({ drain: false, cancel: [made] });
    const drain = directives.next();
    await drainWorker(test.core, { id });
    expect((await drain).value).toMatchObject({ drain: true, cancel: [made] });
    const end = directives.next();
    stop.abort();
    expect((await end).done).toBe(true);
    await expect(watchWorker(test.core, { id: 'wk_none' }, new AbortController().signal).next()).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('refuses an empty or blank name and one that a living worker has, and gives a free one away', async () => {
    for (const name of ['', '   ', undefined, 'a\0b']) expect(RegisterWorkerInput.safeParse({ ...BODY, name }).success).toBe(false);
    await expect(register({ name: 'first' })).rejects.toMatchObject({ code: 'CONFLICT', issues: [{ path: 'name' }] });
    await silentFor(61);
    expect(await register({ name: 'first' })).not.toBe(id);
  });

  it('answers a heartbeat with unknown leases by naming each as stale', async () => {
    await test.submit();
    const job = await test.claimOne(id);
    const answer = await beat({
      leases: [
        { job_id: 'wl_none', lease_epoch: 1 },
        { job_id: job.job_id, lease_epoch: 9 },
        { job_id: job.job_id, lease_epoch: 1 },
      ],
    });
    expect(answer.renewed).toEqual([job.job_id]);
    expect(answer.stale).toEqual([
      { job_id: 'wl_none', reason: 'unknown', current_epoch: null },
      { job_id: job.job_id, reason: 'unknown_epoch', current_epoch: 1 },
    ]);
  });

  it('shows the skew of a clock and takes no harm from a time that is none', async () => {
    for (const reported_at of ['soon', '+275760-09-13T00:00:00.000Z', '-000001-01-01T00:00:00.000Z']) {
      await beat({ reported_at });
      expect(await getWorker(test.core, { id })).toMatchObject({ clock_skew_ms: null });
    }
    await beat({ reported_at: new Date(Date.now() + 3_600_000).toISOString() });
    expect((await getWorker(test.core, { id })).clock_skew_ms).toBeGreaterThan(3_500_000);
  });
});
