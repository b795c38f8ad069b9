import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimJobs } from '../jobs/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { openSecondCore } from '../testing/open-second-core.ts';
import { resetCore } from '../testing/reset-core.ts';
import { cancelWorkload, updateWorkload } from '../workloads/index.ts';
import { LEASE_MS, ListWorkersInput, RegisterWorkerInput, type Liveness } from './contract.ts';
import { getWorker, heartbeat, listWorkers, registerWorker } from './index.ts';

const register = (more: Partial<RegisterWorkerInput>): RegisterWorkerInput =>
  RegisterWorkerInput.parse({
    name: 'agent',
    worker_type: 't',
    version: '1',
    isolations: ['process'],
    kinds: ['command'],
    slots: 1,
    ...more,
  });

describe.each(engines())('workers on %s', (engine) => {
  let test: TestCore;

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  beforeEach(() => resetCore(test));
  afterAll(() => test.close());

  const silentFor = (id: string, seconds: number): Promise<unknown> =>
    sql`update worker set last_heartbeat_at = now() - ${seconds} * interval '1 s' where id = ${id}`.execute(test.core.database.db);
  const livenessOf = async (id: string): Promise<Liveness> => (await getWorker(test.core, { id })).liveness;
  const listed = async (liveness?: Liveness): Promise<string[]> =>
    (await listWorkers(test.core, ListWorkersInput.parse(liveness === undefined ? {} : { liveness }))).items.map((worker) => worker.id);

  it('tells a new worker its lease and beat, and shows it with what it said', async () => {
    const made = await registerWorker(test.core, register({ labels: { zone: 'a' }, slots: 3, host: 'h' }));
    expect(made).toMatchObject({ lease_ms: LEASE_MS, heartbeat_ms: LEASE_MS / 3 });
    expect(await getWorker(test.core, { id: made.worker_id })).toMatchObject({
      name: 'agent',
      liveness: 'online',
      slots: 3,
      slots_used: 0,
      labels: { zone: 'a' },
      host: 'h',
      queues: ['default'],
      draining: false,
    });
  });

  it('refuses the name of a living worker, and gives that of a lost or stopped one away', async () => {
    const first = await registerWorker(test.core, register({}));
    await expect(registerWorker(test.core, register({}))).rejects.toMatchObject({ code: 'CONFLICT', data: { worker_id: first.worker_id } });
    await silentFor(first.worker_id, 61);
    const second = await registerWorker(test.core, register({}));
    expect(second.worker_id).not.toBe(first.worker_id);
    await heartbeat(test.core, { worker_id: second.worker_id, leases: [], stopped: true });
    await registerWorker(test.core, register({}));
  });

  it('registers one of several workers that come with one name at the same moment', async () => {
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => registerWorker(test.core, register({}))));
    expect(all.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    expect(await listed()).toHaveLength(1);
  });

  it('keeps its id when it comes back, with its new capabilities and a new session', async () => {
    const { worker_id: id } = await registerWorker(test.core, register({}));
    await heartbeat(test.core, { worker_id: id, leases: [], stopped: true });
    expect(await livenessOf(id)).toBe('stopped');
    const again = await registerWorker(test.core, register({ worker_id: id, kinds: ['scan'], version: '2' }));
    expect(again.worker_id).toBe(id);
    expect(await getWorker(test.core, { id })).toMatchObject({ liveness: 'online', kinds: ['scan'], version: '2', stopped_at: null });
    expect((await test.core.database.db.selectFrom('worker').select('session').executeTakeFirstOrThrow()).session).toBe(2);
    await test.submit();
    expect(await test.claim(id)).toEqual([]);
    const scan = await test.submit({ kind: 'scan' });
    expect((await test.claimOne(id)).job_id).toBe(scan.id);
  });

  it('derives liveness from the age of the last beat, one way in lists and details', async () => {
    const { worker_id: id } = await registerWorker(test.core, register({}));
    for (const [seconds, liveness] of [
      [0, 'online'],
      [19, 'online'],
      [21, 'late'],
      [59, 'late'],
      [61, 'lost'],
    ] as const) {
      await silentFor(id, seconds);
      expect(await livenessOf(id)).toBe(liveness);
      for (const asked of ['online', 'late', 'lost', 'draining', 'stopped'] as const)
        expect(await listed(asked)).toEqual(asked === liveness ? [id] : []);
    }
    await heartbeat(test.core, { worker_id: id, leases: [], draining: true });
    expect([await livenessOf(id), await listed('draining'), await listed('online')]).toEqual(['draining', [id], []]);
    await heartbeat(test.core, { worker_id: id, leases: [], stopped: true });
    expect([await livenessOf(id), await listed('stopped'), await listed('draining')]).toEqual(['stopped', [id], []]);
  });

  it('pages the list by registration, newest first', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.unshift(await test.worker());
    const first = await listWorkers(test.core, ListWorkersInput.parse({ limit: 3 }));
    const rest = await listWorkers(test.core, ListWorkersInput.parse({ limit: 3, cursor: first.next_cursor }));
    expect([...first.items, ...rest.items].map((worker) => worker.id)).toEqual(ids);
    expect(rest.next_cursor).toBeNull();
  });

  it('answers NOT_FOUND to a worker that never registered', async () => {
    const missing = { code: 'NOT_FOUND', data: { resource: 'worker' } };
    await expect(getWorker(test.core, { id: 'wk_none' })).rejects.toMatchObject(missing);
    await expect(heartbeat(test.core, { worker_id: 'wk_none', leases: [] })).rejects.toMatchObject(missing);
    await expect(test.claim('wk_none')).rejects.toMatchObject(missing);
    await expect(test.report('wk_none')).rejects.toMatchObject(missing);
  });

  it('hands no work to a worker that drains, right after it said so', async () => {
    const worker = await test.worker();
    await test.submit();
    await heartbeat(test.core, { worker_id: worker, leases: [], draining: true });
    expect(await test.claim(worker)).toEqual([]);
    await heartbeat(test.core, { worker_id: worker, leases: [], draining: false });
    expect(await test.claim(worker)).toHaveLength(1);
  });

  it('renews every listed lease once, however often the beat arrives at the same moment', async () => {
    const worker = await test.worker();
    for (let index = 0; index < 3; index += 1) await test.submit();
    const leases = (await test.claim(worker, 3)).map((job) => ({ job_id: job.job_id, lease_epoch: job.lease_epoch }));
    const beats = await Promise.all(
      Array.from({ length: 4 }, () => heartbeat(test.core, { worker_id: worker, leases: [...leases, ...leases.slice(0, 1)] })),
    );
    for (const beat of beats) {
      expect(beat.stale).toEqual([]);
      expect(new Set(beat.renewed)).toEqual(new Set(leases.map((lease) => lease.job_id)));
    }
  });

  it('says why a listed lease is not renewed', async () => {
    const worker = await test.worker();
    const other = await test.worker();
    const made = [await test.submit(), await test.submit(), await test.submit(), await test.submit()];
    const jobs = await test.claim(worker, 3);
    const foreign = await test.claimOne(other);
    const [revoked, cancelled, done] = jobs;
    if (revoked === undefined || cancelled === undefined || done === undefined) throw new Error('too few jobs');
    await updateWorkload(test.core, { id: revoked.job_id, status: 'pending' });
    await cancelWorkload(test.core, { id: cancelled.job_id });
    await test.report(worker, { op: 'complete', job_id: done.job_id, lease_epoch: 1 });
    const beat = await heartbeat(test.core, {
      worker_id: worker,
      leases: [...jobs, foreign].map((job) => ({ job_id: job.job_id, lease_epoch: 1 })),
    });
    expect(beat.renewed).toEqual([cancelled.job_id]);
    expect(beat.cancel).toEqual([cancelled.job_id]);
    expect(beat.stale.toSorted((a, b) => (a.job_id < b.job_id ? -1 : 1))).toEqual(
      [
        { job_id: revoked.job_id, reason: 'superseded', current_epoch: 2 },
        { job_id: done.job_id, reason: 'completed', current_epoch: 1 },
        { job_id: foreign.job_id, reason: 'other_worker', current_epoch: 1 },
      ].toSorted((a, b) => (a.job_id < b.job_id ? -1 : 1)),
    );
    expect(made).toHaveLength(4);
  });

  it('wakes a parked claim when matching work is created, and lets an abort end it', async () => {
    const worker = await test.worker();
    const parked = claimJobs(test.core, { worker_id: worker, max: 1, wait_ms: 30_000 });
    await test.submit({ kind: 'script' });
    const wanted = await test.submit();
    expect((await parked).jobs.map((job) => job.job_id)).toEqual([wanted.id]);
    const stop = new AbortController();
    const ended = claimJobs(test.core, { worker_id: worker, max: 1, wait_ms: 30_000 }, stop.signal);
    stop.abort();
    expect((await ended).jobs).toEqual([]);
  });

  it('shows the skew of the worker clock without deciding by it', async () => {
    const worker = await test.worker();
    await heartbeat(test.core, { worker_id: worker, leases: [], reported_at: new Date(Date.now() + 3_600_000).toISOString() });
    const { clock_skew_ms: skew, liveness } = await getWorker(test.core, { id: worker });
    expect(skew).toBeGreaterThan(3_500_000);
    expect(liveness).toBe('online');
    await heartbeat(test.core, { worker_id: worker, leases: [], reported_at: 'gibberish' });
    expect((await getWorker(test.core, { id: worker })).clock_skew_ms).toBe(skew);
  });

  if (engine === 'postgres') {
    it('lets another server know that a worker drains and that work is there', async () => {
      await using second = await openSecondCore(test);
      const worker = await test.worker();
      const elsewhere = claimJobs(second.core, { worker_id: worker, max: 1, wait_ms: 30_000 });
      const made = await test.submit();
      expect((await elsewhere).jobs.map((job) => job.job_id)).toEqual([made.id]);
      const waiting = claimJobs(second.core, { worker_id: worker, max: 1, wait_ms: 300 });
      await heartbeat(test.core, { worker_id: worker, leases: [], draining: true });
      await waiting;
      await test.submit();
      await expect.poll(async () => (await second.core.roster.get(worker)).is_accepting).toBe(false);
      expect((await claimJobs(second.core, { worker_id: worker, max: 1, wait_ms: 0 })).jobs).toEqual([]);
    });
  }
});
