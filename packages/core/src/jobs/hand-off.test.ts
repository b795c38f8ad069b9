import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDrift } from '../stats/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines, waitUntil } from '../testing/index.ts';
import { getWorkload } from '../workloads/index.ts';
import { claimJobs } from './index.ts';

function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  return waitUntil(async () => expect(await isTrue()).toBe(true));
}

describe.each(engines())('hand-off on %s', (engine) => {
  let test: TestCore;

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  afterAll(() => test.close());

  const parkedAgent = async (queue: string, signal?: AbortSignal) => {
    const worker = await test.worker({ queues: [queue] });
    const before = test.core.parked.count;
    const claim = claimJobs(test.core, { worker_id: worker, max: 1, wait_ms: 20_000 }, signal);
    await until(() => test.core.parked.count > before);
    // The agent offers itself only after it has looked once.
    const flushes = test.core.figures().flushes;
    await until(() => test.core.figures().flushes > flushes || test.core.figures().busy_writers === 0);
    return { worker, claim };
  };

  it('leases a new workload to a parked agent in the insert itself', async () => {
    await test.submit({ queue: 'hand' }).then(async (first) => test.claim(await test.worker({ queues: ['hand'] })).then(() => first));
    const { worker, claim } = await parkedAgent('hand');
    const made = await test.submit({ queue: 'hand', payload: { n: 1 }, labels: { a: 'b' } });
    expect(made).toMatchObject({ status: 'pending', status_reason: 'queued', attempt: 0 });
    const { jobs } = await claim;
    expect(jobs).toMatchObject([{ job_id: made.id, payload: { n: 1 }, labels: { a: 'b' }, attempt: 1, lease_epoch: 1 }]);
    expect(await getWorkload(test.core, made)).toMatchObject({ status: 'running', worker_id: worker, lease_epoch: 1 });
    expect(await test.report(worker, { op: 'complete', job_id: made.id, lease_epoch: 1 })).toMatchObject([{ ok: true }]);
    expect(await checkDrift(test.core)).toEqual([]);
    const { rows } = await sql<{ position: number; total: number }>`
      select (select position from stream where name = 'workloads') as position, sum(item_count)::int as total from event where stream = 'workloads'`.execute(
      test.core.database.db,
    );
    expect(rows[0]?.total).toBe(rows[0]?.position);
  });

  it('gives a lease back when the poll ended while it was made', async () => {
    const gone = new AbortController();
    const { claim } = await parkedAgent('gone', gone.signal);
    const creating = test.submit({ queue: 'gone' });
    gone.abort();
    expect((await claim).jobs).toEqual([]);
    const made = await creating;
    await until(async () => (await getWorkload(test.core, made)).status === 'pending');
    expect(await getWorkload(test.core, made)).toMatchObject({ status: 'pending', attempt: 0 });
  });

  it('hands one workload to one agent, however many are parked and created at once', async () => {
    const agents = await Promise.all(Array.from({ length: 5 }, () => parkedAgent('many')));
    const made = await Promise.all(Array.from({ length: 5 }, () => test.submit({ queue: 'many' })));
    const claimed = (await Promise.all(agents.map((agent) => agent.claim))).flatMap(({ jobs }) => jobs.map((job) => job.job_id));
    expect(new Set(claimed).size).toBe(claimed.length);
    expect(claimed.toSorted()).toEqual(made.map((workload) => workload.id).toSorted());
  });
});
