import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Writer } from '../ports/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { resetCore } from '../testing/reset-core.ts';
import { floorsFor, noteClaim } from './index.ts';

const BEGINNING = Number.MIN_SAFE_INTEGER;
const row = (lane_id: number, claim_order: number) => ({ lane_id, claim_order });

describe('the floors of a writer', () => {
  const writer = {} as Writer;

  it('are where the last claim ended, for a quarter of a second after the lane was read from its beginning', () => {
    const first = floorsFor(writer, [1, 2], 1000);
    expect(first).toEqual({ orders: [BEGINNING, BEGINNING], isPartial: false });
    noteClaim(writer, { lanes: [1, 2], orders: first.orders, rows: [row(1, 10), row(1, 12)], isShort: false }, 1000);
    const second = floorsFor(writer, [1, 2], 1100);
    expect(second).toEqual({ orders: [12, BEGINNING], isPartial: true });
    noteClaim(writer, { lanes: [1, 2], orders: second.orders, rows: [row(1, 20), row(2, 5)], isShort: false }, 1100);
    expect(floorsFor(writer, [1, 2], 1249).orders).toEqual([20, 5]);
    expect(floorsFor(writer, [1, 2], 1250).orders).toEqual([BEGINNING, 5]);
  });

  it('are gone when a claim got less than it wanted', () => {
    noteClaim(writer, { lanes: [3], orders: [BEGINNING], rows: [row(3, 7)], isShort: false }, 0);
    noteClaim(writer, { lanes: [3], orders: [7], rows: [], isShort: true }, 1);
    expect(floorsFor(writer, [3], 2)).toEqual({ orders: [BEGINNING], isPartial: false });
  });
});

describe.each(engines())('a lane with plenty of work on %s', (engine) => {
  let test: TestCore;
  let worker: string;

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  beforeEach(async () => {
    await resetCore(test);
    worker = await test.worker({ slots: 100 });
  });
  afterAll(() => test.close());

  it('hands out an urgent workload before the rest of what is older', async () => {
    for (let index = 0; index < 6; index += 1) await test.submit();
    await test.claim(worker, 2);
    const urgent = await test.submit({ priority: 3 });
    expect((await test.claim(worker, 2))[0]?.job_id).toBe(urgent.id);
  });

  it('forgets nothing that came back before the place where the last claim ended', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 6; index += 1) ids.push((await test.submit()).id);
    const [first] = await test.claim(worker, 2);
    await test.claim(worker, 2);
    await test.report(worker, { op: 'release', job_id: first?.job_id ?? '', lease_epoch: 1 });
    // More than the lane has beyond the floor: what is left is looked for from the beginning, in the same call.
    expect((await test.claim(worker, 10)).map((job) => job.job_id)).toEqual([ids[0], ids[4], ids[5]]);
  });
});
