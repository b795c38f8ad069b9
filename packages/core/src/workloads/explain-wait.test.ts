import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { resetCore } from '../testing/reset-core.ts';
import { heartbeat } from '../workers/index.ts';
import type { CreateWorkloadInput } from './contract.ts';
import { cancelWorkload, getWorkload } from './index.ts';

describe.each(engines())('wait_reason on %s', (engine) => {
  let test: TestCore;

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  beforeEach(() => resetCore(test));
  afterAll(() => test.close());

  const why = async (input: Partial<CreateWorkloadInput> = {}): Promise<string | null> =>
    (await getWorkload(test.core, await test.submit(input))).wait_reason;

  it('says that no worker is online', async () => {
    expect(await why()).toBe('No worker is online.');
    const worker = await test.worker();
    await sql`update worker set last_heartbeat_at = now() - interval '1 hour'`.execute(test.core.database.db);
    expect(await why()).toBe('No worker is online.');
    await heartbeat(test.core, { worker_id: worker, leases: [], stopped: true });
    expect(await why()).toBe('No worker is online.');
  });

  it('names what the living workers lack', async () => {
    await test.worker();
    await test.worker({ labels: { zone: 'b' } });
    expect(await why({ queue: 'night' })).toBe('2 workers online, none serves the queue "night".');
    expect(await why({ kind: 'scan' })).toBe('2 workers online, none runs the kind "scan".');
    expect(await why({ isolation: 'gvisor' })).toBe('2 workers online, none offers gvisor.');
    expect(await why({ required_labels: { zone: 'a' } })).toBe('2 workers online, none carries the labels zone=a.');
  });

  it('names the lack of the worker that comes closest', async () => {
    await test.worker({ queues: ['other'] });
    await test.worker({ isolations: ['isolate'] });
    expect(await why()).toBe('2 workers online, none offers process.');
  });

  it('says that every worker that could is draining', async () => {
    const worker = await test.worker();
    await heartbeat(test.core, { worker_id: worker, leases: [], draining: true });
    expect(await why()).toBe('1 worker could run it, all are draining.');
  });

  it('says that all slots are busy, or how many are free', async () => {
    const worker = await test.worker({ slots: 2 });
    expect(await why()).toBe('1 worker can run it and 2 slots are free: it is next.');
    await test.claimOne(worker);
    expect(await why()).toBe('1 worker can run it and 1 slot is free: it is next.');
    await test.claimOne(worker);
    expect(await why()).toBe('1 worker could run it, all slots are busy.');
  });

  it('says until when a scheduled workload waits', async () => {
    await test.worker();
    expect(await why({ run_at: '2099-01-01T00:00:00Z' })).toBe('It is scheduled for 2099-01-01T00:00:00.000Z.');
  });

  it('says who holds a running one and what it waits for, and nothing of a final one', async () => {
    const worker = await test.worker();
    const made = await test.submit();
    await test.claimOne(worker);
    expect((await getWorkload(test.core, made)).wait_reason).toBe(`Leased by worker ${worker}, which has not reported on it yet.`);
    await heartbeat(test.core, { worker_id: worker, leases: [{ job_id: made.id, lease_epoch: 1 }] });
    expect((await getWorkload(test.core, made)).wait_reason).toContain(`Worker ${worker} is working on it`);
    await cancelWorkload(test.core, made);
    expect((await getWorkload(test.core, made)).wait_reason).toContain('A cancel was requested');
    await test.report(worker, { op: 'fail', job_id: made.id, lease_epoch: 1, error: 'x', retryable: true, reason: 'cancelled' });
    expect((await getWorkload(test.core, made)).wait_reason).toBeNull();
  });
});
