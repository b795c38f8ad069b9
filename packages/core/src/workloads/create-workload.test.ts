import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listEvents } from '../events/index.ts';
import { getStats } from '../stats/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { openSecondCore } from '../testing/open-second-core.ts';
import { resetCore } from '../testing/reset-core.ts';
import { CreateWorkloadInput } from './contract.ts';
import { createWorkload, createWorkloads, getWorkload } from './index.ts';

const input = (more: Partial<CreateWorkloadInput> = {}): CreateWorkloadInput => CreateWorkloadInput.parse({ kind: 'command', ...more });

describe.each(engines())('creating workloads on %s', (engine) => {
  let test: TestCore;

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  beforeEach(() => resetCore(test));
  afterAll(() => test.close());

  const totals = async (): Promise<{ total: number; events: number }> => {
    const { items } = await listEvents(test.core, { stream: 'workloads', limit: 1000 });
    return { total: (await getStats(test.core, {})).total, events: items.length };
  };

  it('stores what was asked and answers what a later get reads', async () => {
    const made = await createWorkload(
      test.core,
      input({
        payload: { b: [1, { c: 'é' }] },
        queue: 'slow',
        priority: 7,
        labels: { team: 'a' },
        required_labels: { zone: 'x' },
        max_attempts: 3,
        timeout_ms: 5,
        start_deadline_at: '2099-01-01T00:00:00.000Z',
        deadline_at: '2099-01-02T02:00:00+02:00',
        idempotency_key: 'k',
      }),
    );
    expect(made).toMatchObject({
      queue: 'slow',
      priority: 7,
      isolation: 'process',
      deadline_at: '2099-01-02T00:00:00.000Z',
      status: 'pending',
    });
    const { attempts, eta_at: eta, wait_reason: waitReason, ...read } = await getWorkload(test.core, made);
    expect({ ...read, wait_reason: null }).toEqual(made);
    expect({ attempts, eta }).toEqual({ attempts: [], eta: null });
    expect(waitReason).toBe('No worker is online.');
  });

  it('puts scripts into an isolate unless told otherwise', async () => {
    expect((await createWorkload(test.core, input({ kind: 'script' }))).isolation).toBe('isolate');
    expect((await createWorkload(test.core, input({ kind: 'script', isolation: 'gvisor' }))).isolation).toBe('gvisor');
  });

  it('answers the first workload when key and body are the same, whatever the order of the keys', async () => {
    const first = await createWorkload(test.core, input({ payload: { a: 1, b: 2 }, idempotency_key: 'same' }));
    const again = await createWorkload(test.core, input({ payload: { b: 2, a: 1 }, idempotency_key: 'same' }));
    expect(again.id).toBe(first.id);
    expect(await totals()).toEqual({ total: 1, events: 1 });
  });

  it('refuses a key that was used with another body, and writes nothing', async () => {
    const first = await createWorkload(test.core, input({ payload: 1, idempotency_key: 'used' }));
    const refused = createWorkload(test.core, input({ payload: 2, idempotency_key: 'used' }));
    await expect(refused).rejects.toMatchObject({ code: 'CONFLICT', data: { id: first.id }, issues: [{ path: 'idempotency_key' }] });
    expect(await totals()).toEqual({ total: 1, events: 1 });
  });

  it('makes one workload of many concurrent requests with one key', async () => {
    const all = await Promise.all(Array.from({ length: 25 }, () => createWorkload(test.core, input({ idempotency_key: 'burst' }))));
    expect(new Set(all.map((made) => made.id)).size).toBe(1);
    expect(await totals()).toEqual({ total: 1, events: 1 });
  });

  it('answers concurrent requests with one key and two bodies with one workload and conflicts', async () => {
    const calls = Array.from({ length: 10 }, (_, index) =>
      createWorkload(test.core, input({ payload: index % 2, idempotency_key: 'two' })),
    );
    const settled = await Promise.allSettled(calls);
    const made = settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(new Set(made.map((workload) => workload.id)).size).toBe(1);
    expect(made).toHaveLength(5);
    expect(new Set(made.map((workload) => workload.payload)).size).toBe(1);
    for (const outcome of settled) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'CONFLICT' });
  });

  it('creates a batch in the order given', async () => {
    const { items } = await createWorkloads(test.core, { items: Array.from({ length: 50 }, (_, index) => input({ payload: index })) });
    expect(items.map((made) => made.payload)).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(items.map((made) => made.id).toSorted()).toEqual(items.map((made) => made.id));
    expect(await totals()).toEqual({ total: 50, events: 50 });
  });

  it('writes nothing of a batch in which one key conflicts', async () => {
    await createWorkload(test.core, input({ payload: 1, idempotency_key: 'taken' }));
    const batch = { items: [input({ idempotency_key: 'new' }), input({ payload: 2, idempotency_key: 'taken' }), input()] };
    await expect(createWorkloads(test.core, batch)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await totals()).toEqual({ total: 1, events: 1 });
    expect((await createWorkload(test.core, input({ idempotency_key: 'new', payload: 'free' }))).payload).toBe('free');
  });

  it('writes nothing of a batch without keys that the database refuses in part, and spares the calls beside it', async () => {
    const impossible = { ...input(), payload: 'x', priority: 2 ** 40 };
    const beside = createWorkload(test.core, input({ payload: 'beside' }));
    await expect(createWorkloads(test.core, { items: [input(), impossible] })).rejects.toThrow();
    expect((await beside).payload).toBe('beside');
    expect(await totals()).toEqual({ total: 1, events: 1 });
  });

  it('answers a repeated batch with the workloads of the first', async () => {
    const batch = { items: [input({ idempotency_key: 'b1' }), input({ idempotency_key: 'b2' }), input({ idempotency_key: 'b1' })] };
    const first = await createWorkloads(test.core, batch);
    const again = await createWorkloads(test.core, batch);
    expect(again.items.map((made) => made.id)).toEqual(first.items.map((made) => made.id));
    expect(first.items[2]?.id).toBe(first.items[0]?.id);
    expect(await totals()).toEqual({ total: 2, events: 2 });
  });

  if (engine === 'postgres') {
    it('makes one workload per key when two servers get the same batches in opposite orders', async () => {
      await using second = await openSecondCore(test);
      for (let round = 0; round < 10; round += 1) {
        const items = Array.from({ length: 100 }, (_, index) => input({ idempotency_key: `r${round}-${index}` }));
        const [left, right] = await Promise.all([
          createWorkloads(test.core, { items }),
          createWorkloads(second.core, { items: items.toReversed() }),
        ]);
        expect(right.items.map((made) => made.id).toReversed()).toEqual(left.items.map((made) => made.id));
      }
      expect((await getStats(test.core, {})).total).toBe(1000);
    });
  }
});
