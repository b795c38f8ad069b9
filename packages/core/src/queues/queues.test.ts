import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { claimJobs } from '../jobs/index.ts';
import { getWorkload, listWorkloads } from '../workloads/index.ts';
import { getQueue, listQueues, pauseQueue, resumeQueue, setQueue } from './index.ts';

describe.each(engines())('queues on %s', (engine) => {
  let test: TestCore;

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  afterAll(() => test.close());

  const setUp = async (name: string, count: number, keys: (string | undefined)[] = []): Promise<string> => {
    for (let index = 0; index < count; index += 1) {
      const key = keys[index % Math.max(1, keys.length)];
      await test.submit({ queue: name, ...(key === undefined ? {} : { concurrency_key: key }) });
    }
    return test.worker({ queues: [name], slots: 100 });
  };

  it('starts nothing from a paused queue, says so, and goes on after a resume', async () => {
    const worker = await setUp('paused', 1);
    await pauseQueue(test.core, { name: 'paused' });
    expect(await test.claim(worker)).toEqual([]);
    const [waiting] = (await listWorkloads(test.core, { queue: 'paused', limit: 1 })).items;
    expect((await getWorkload(test.core, { id: waiting?.id ?? '' })).wait_reason).toBe('The queue "paused" is paused.');
    expect(await resumeQueue(test.core, { name: 'paused' })).toMatchObject({ is_paused: false, pending: 1 });
    expect(await test.claim(worker)).toHaveLength(1);
  });

  it('never runs more of a queue at once than its concurrency, however many claim together', async () => {
    const worker = await setUp('narrow', 20);
    await setQueue(test.core, { name: 'narrow', concurrency: 3 });
    const first = (await Promise.all(Array.from({ length: 6 }, () => test.claim(worker, 5)))).flat();
    expect(first).toHaveLength(3);
    expect(await getQueue(test.core, { name: 'narrow' })).toMatchObject({ running: 3, pending: 17, concurrency: 3 });
    const [job] = first;
    if (job === undefined) throw new Error('no job');
    await test.report(worker, { op: 'complete', job_id: job.job_id, lease_epoch: job.lease_epoch });
    expect(await test.claim(worker, 5)).toHaveLength(1);
  });

  it('limits each key by itself', async () => {
    const worker = await setUp('keyed', 12, ['a', 'a', 'a', 'b', undefined]);
    await setQueue(test.core, { name: 'keyed', key_concurrency: 2 });
    const jobs = await test.claim(worker, 50);
    const keys = await Promise.all(jobs.map(async (job) => (await getWorkload(test.core, { id: job.job_id })).concurrency_key));
    expect(keys.filter((key) => key === 'a')).toHaveLength(2);
    expect(keys.filter((key) => key === 'b')).toHaveLength(2);
    expect(keys.filter((key) => key === null)).toHaveLength(2);
  });

  it('spends a token per start and waits for the next', async () => {
    const worker = await setUp('slow', 10);
    await setQueue(test.core, { name: 'slow', rate_per_minute: 60, rate_burst: 2 });
    const started = performance.now();
    const first = await test.claim(worker, 10);
    const more = (await claimJobs(test.core, { worker_id: worker, max: 10, wait_ms: 20_000 })).jobs;
    const allowed = 2 + Math.ceil((performance.now() - started) / 1000);
    expect(more.length).toBeGreaterThan(0);
    expect(first.length + more.length).toBeLessThanOrEqual(allowed);
  });

  it('lists queues by name with what they hold', async () => {
    const { items } = await listQueues(test.core, { limit: 10 });
    expect(items.map((queue) => queue.name)).toEqual(['keyed', 'narrow', 'paused', 'slow']);
  });
});
