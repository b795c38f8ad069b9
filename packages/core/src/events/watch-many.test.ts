import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { resetCore } from '../testing/reset-core.ts';
import type { ManyEvent, StreamEvent } from './contract.ts';
import { beginMany, listEvents, watchMany, type EventHub } from './index.ts';

describe.each(engines())('several streams over one connection on %s', (engine) => {
  let test: TestCore;

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  beforeEach(() => resetCore(test));
  afterAll(() => test.close());

  const topics = (): string[] => (test.core.hub as EventHub).topics();

  /** Takes entries until `count` events came or `isLast` says so. */
  async function take(streams: readonly string[], cursor: string | null, isLast: (event: StreamEvent, count: number) => boolean) {
    const stop = new AbortController();
    const entries: ManyEvent[] = [];
    for await (const entry of watchMany(test.core, await beginMany(test.core, streams, cursor), stop.signal)) {
      entries.push(entry);
      if (entry.event !== null && isLast(entry.event, entries.length - 1)) stop.abort();
    }
    return entries;
  }

  it('of which none exists tell a position all the same, which resumes them', async () => {
    for (const cursor of [null, '-']) {
      expect(await take(['wl_none', 'wl_nothing'], cursor, () => true)).toEqual([{ id: '-', event: null }]);
    }
  });

  it('give every event of each once, cut and resumed anywhere by one id', async () => {
    const start = await beginMany(test.core, ['workloads', 'workers'], null);
    const from = start.map(({ stream, after }) => `${stream}=${after}`).join(',');
    const worker = await test.worker();
    const { id } = await test.submit();
    const streams = ['workloads', 'workers', id];
    for (let index = 0; index < 5; index += 1) await test.submit();
    const job = await test.claimOne(worker);
    await test.report(worker, { op: 'complete', job_id: job.job_id, lease_epoch: job.lease_epoch });
    const positionOf = (event: string): number => Number(event.split('.')[1]);
    const rest = async (stream: string): Promise<string[]> => {
      const begun = start.find((entry) => entry.stream === stream)?.after ?? null;
      const { items } = await listEvents(test.core, { stream, limit: 1000, ...(begun === null ? {} : { after: begun }) });
      return items.map((event) => event.id);
    };
    const expected = { workloads: await rest('workloads'), workers: await rest('workers'), [id]: await rest(id) };
    const total = Object.values(expected).flat().length;
    expect(total).toBeGreaterThanOrEqual(12);

    const seen: Record<string, string[]> = { workloads: [], workers: [], [id]: [] };
    let cursor: string | null = from;
    let count = 0;
    // Three at a time: each cut is somewhere else in the three.
    while (count < total) {
      const left = total - count;
      const entries: ManyEvent[] = await take(streams, cursor, (_, taken) => taken >= Math.min(3, left));
      cursor = entries.at(-1)?.id ?? cursor;
      for (const { event } of entries) if (event !== null) seen[event.stream]?.push(event.id);
      count += entries.length - 1;
    }
    expect(seen).toEqual(expected);
    for (const ids of Object.values(seen)) expect(ids.map(positionOf)).toEqual(ids.map((_, index) => positionOf(ids[0] ?? '') + index));
  });

  it('tell the position of every shared stream before their first event', async () => {
    const [first] = await beginMany(test.core, ['workloads'], null);
    const stop = new AbortController();
    const entries = watchMany(test.core, [first ?? { stream: 'workloads', after: null }], stop.signal);
    expect((await entries.next()).value).toEqual({ id: `workloads=${first?.after}`, event: null });
    stop.abort();
    await entries.return(undefined);
  });

  it('leave out a workload that does not exist, and follow the others', async () => {
    const entries = take(['wl_none', 'workloads'], null, () => true);
    await test.submit();
    expect((await entries).at(-1)?.event).toMatchObject({ stream: 'workloads', type: 'workload.created' });
  });

  it('stop listening once nobody reads them', async () => {
    const before = topics();
    const stop = new AbortController();
    const entries = watchMany(test.core, await beginMany(test.core, ['workloads', 'workers'], null), stop.signal);
    await entries.next();
    const next = entries.next();
    await test.submit();
    await next;
    expect(topics().length).toBeGreaterThan(before.length);
    stop.abort();
    await entries.return(undefined);
    await expect.poll(topics).toEqual(before);
  });
});
