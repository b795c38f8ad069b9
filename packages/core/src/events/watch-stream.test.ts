import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { openSecondCore } from '../testing/open-second-core.ts';
import { resetCore } from '../testing/reset-core.ts';
import { CreateWorkloadInput } from '../workloads/contract.ts';
import { cancelWorkload, createWorkload, retryWorkload, updateWorkload } from '../workloads/index.ts';
import type { StreamEvent } from './contract.ts';
import { eventId, listEvents, watchStream, watchWorkload } from './index.ts';

const positionOf = (event: StreamEvent): number => Number(event.id.split('.')[1]);

/** Takes events until `count` came, or until one of them satisfies `isLast`. */
async function take(
  watch: (signal: AbortSignal) => AsyncGenerator<StreamEvent>,
  isLast: (event: StreamEvent, count: number) => boolean,
): Promise<StreamEvent[]> {
  const stop = new AbortController();
  const events: StreamEvent[] = [];
  for await (const event of watch(stop.signal)) {
    events.push(event);
    if (isLast(event, events.length)) stop.abort();
  }
  return events;
}

describe.each(engines())('the event log on %s', (engine) => {
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

  const everything = async (stream: string): Promise<StreamEvent[]> => {
    const all: StreamEvent[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await listEvents(test.core, { stream, limit: 50, ...(after === undefined ? {} : { after }) });
      all.push(...page.items);
      if (page.next_cursor === null) return all;
      after = page.next_cursor;
    }
  };
  const expectContiguous = (events: readonly StreamEvent[], from = 1): void =>
    expect(events.map(positionOf)).toEqual(events.map((_, index) => from + index));
  const epochOf = (): string => test.core.logEpoch;

  /** Makes some of every kind of change, many at the same moment. */
  async function disturb(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      const made = await Promise.all(Array.from({ length: 6 }, () => test.submit({ max_attempts: 2, backoff_ms: 0 })));
      const jobs = await test.claim(worker, 4);
      await Promise.all([
        ...jobs.map((job, index) =>
          test.report(
            worker,
            index % 2 === 0
              ? { op: 'complete', job_id: job.job_id, lease_epoch: job.lease_epoch }
              : { op: 'fail', job_id: job.job_id, lease_epoch: job.lease_epoch, error: 'x', retryable: index === 1, reason: 'error' },
          ),
        ),
        ...made.slice(4).map((workload) => cancelWorkload(test.core, workload).catch(() => undefined)),
      ]);
    }
  }

  it('numbers the shared stream without holes under concurrent writers', async () => {
    await Promise.all([disturb(5), disturb(5), disturb(5)]);
    const events = await everything('workloads');
    expectContiguous(events);
    expect(events.filter((event) => event.type === 'workload.created')).toHaveLength(90);
  });

  it('spells out the lane and the times of an event', async () => {
    const made = await test.submit({ queue: 'night' });
    const [event] = await everything('workloads');
    expect(event).toMatchObject({
      stream: 'workloads',
      type: 'workload.created',
      data: {
        id: made.id,
        queue: 'night',
        kind: 'command',
        isolation: 'process',
        status: 'pending',
        status_reason: 'queued',
        workload_created_at: made.created_at,
      },
    });
    expect(event?.data).not.toHaveProperty('lane');
  });

  it('delivers each event exactly once to a reader that reconnects again and again', async () => {
    const isLast = (event: StreamEvent | undefined): boolean => event?.data['queue'] === 'last';
    const busy = disturb(8).then(() => test.submit({ queue: 'last' }));
    const seen: StreamEvent[] = [];
    let cursor = eventId(epochOf(), 0);
    for (let part = 0; !isLast(seen.at(-1)); part += 1) {
      const size = 1 + (part % 7);
      seen.push(
        ...(await take(
          (signal) => watchStream(test.core, { stream: 'workloads', after: cursor }, signal),
          (event, count) => count === size || isLast(event),
        )),
      );
      cursor = seen.at(-1)?.id ?? cursor;
    }
    await busy;
    expectContiguous(seen);
    expect(seen).toEqual(await everything('workloads'));
  });

  it('starts at the head, or with the last events when asked to replay', async () => {
    for (let index = 0; index < 5; index += 1) await test.submit();
    const replayed = await take(
      (signal) => watchStream(test.core, { stream: 'workloads', after: null, replay: 2 }, signal),
      (_, count) => count === 2,
    );
    expect(replayed.map(positionOf)).toEqual([4, 5]);
    const live = take(
      (signal) => watchStream(test.core, { stream: 'workloads', after: null }, signal),
      (_, count) => count === 1,
    );
    const busy = (async () => {
      for (let index = 0; index < 50; index += 1) {
        await test.submit();
        if ((await Promise.race([live, Promise.resolve(null)])) !== null) return;
      }
    })();
    expect(positionOf((await live)[0] ?? ({ id: '.0' } as StreamEvent))).toBeGreaterThan(5);
    await busy;
  });

  it.each([
    ['not an id', 'unknown'],
    ['ahead', 'ahead'],
    ['zzz.1', 'restored'],
    ['trimmed', 'trimmed'],
  ])('says once that it cannot go on after %s, then goes on from the head', async (asked, reason) => {
    for (let index = 0; index < 6; index += 1) await test.submit();
    await sql`delete from event where stream = 'workloads' and position <= 3`.execute(test.core.database.db);
    await sql`update stream set floor = 3 where name = 'workloads'`.execute(test.core.database.db);
    const cursor = asked === 'ahead' ? eventId(epochOf(), 99) : asked === 'trimmed' ? eventId(epochOf(), 2) : asked;
    const events = take(
      (signal) => watchStream(test.core, { stream: 'workloads', after: cursor }, signal),
      (_, count) => count === 2,
    );
    const made: string[] = [];
    while ((await Promise.race([events, Promise.resolve(null)])) === null) made.push((await test.submit()).id);
    const [gap, next] = await events;
    expect(gap).toMatchObject({ type: 'gap', data: { reason, asked: cursor } });
    expect(next?.type).toBe('workload.created');
    expect(made).toContain(next?.data['id']);
    expect(positionOf(next ?? ({ id: '.0' } as StreamEvent))).toBe(positionOf(gap ?? ({ id: '.0' } as StreamEvent)) + 1);
    await expect(listEvents(test.core, { stream: 'workloads', after: cursor, limit: 10 })).rejects.toMatchObject({
      code: 'VALIDATION',
      issues: [{ path: 'after' }],
    });
  });

  it('tells a slow reader of what was trimmed under it', async () => {
    for (let index = 0; index < 3; index += 1) await test.submit();
    const stop = new AbortController();
    const stream = watchStream(test.core, { stream: 'workloads', after: eventId(epochOf(), 0) }, stop.signal);
    const first = await stream.next();
    expect(first.value).toMatchObject({ id: eventId(epochOf(), 1) });
    await stream.next();
    await stream.next();
    for (let index = 0; index < 5; index += 1) await test.submit();
    await sql`delete from event where stream = 'workloads' and position <= 6`.execute(test.core.database.db);
    expect((await stream.next()).value).toMatchObject({ type: 'gap', data: { reason: 'trimmed', position: 6 } });
    expect((await stream.next()).value).toMatchObject({ id: eventId(epochOf(), 7) });
    stop.abort();
    await stream.return(undefined);
  });

  it('gives one workload its whole life in order, output included, whoever changed it', async () => {
    const { id } = await test.submit({ max_attempts: 3, backoff_ms: 0 });
    const live = take(
      (signal) => watchWorkload(test.core, { id, after: null }, signal),
      (event) => event.type === 'workload.completed',
    );
    const output = (epoch: number, seq: number) =>
      ({ op: 'output', job_id: id, lease_epoch: epoch, seq, stream: 'stdout', text: `${epoch}:${seq}` }) as const;
    await test.claimOne(worker);
    await test.report(worker, output(1, 0), { op: 'checkpoint', job_id: id, lease_epoch: 1, cursor: 1 }, output(1, 1));
    await cancelWorkload(test.core, { id });
    await test.report(worker, { op: 'fail', job_id: id, lease_epoch: 1, error: 'x', retryable: true, reason: 'cancelled' });
    await retryWorkload(test.core, { id, keep_checkpoint: true });
    await test.claimOne(worker);
    await test.report(worker, output(2, 0));
    await test.report(worker, { op: 'release', job_id: id, lease_epoch: 2 });
    await test.claimOne(worker);
    await updateWorkload(test.core, { id, output: 'told' });
    await test.report(worker, output(3, 0), { op: 'complete', job_id: id, lease_epoch: 3 });
    const events = await live;
    expect(events.map((event) => event.type)).toEqual([
      'workload.created',
      'workload.started',
      'output',
      'checkpoint',
      'output',
      'workload.cancel_requested',
      'workload.cancelled',
      'workload.retried',
      'workload.started',
      'output',
      'workload.requeued',
      'workload.started',
      'workload.updated',
      'output',
      'workload.completed',
    ]);
    expectContiguous(events);
    expect(events.filter((event) => event.type === 'output').map((event) => event.data['text'])).toEqual(['1:0', '1:1', '2:0', '3:0']);
    for (let from = 0; from < events.length; from += 1) {
      const resumed = await take(
        (signal) => watchWorkload(test.core, { id, after: eventId(epochOf(), from) }, signal),
        (event) => event.type === 'workload.completed',
      );
      expect(resumed.map((event) => [event.id, event.type])).toEqual(events.slice(from).map((event) => [event.id, event.type]));
    }
  });

  it('reads a long output page by page without loss', async () => {
    const { id } = await test.submit();
    await test.claimOne(worker);
    for (let seq = 0; seq < 1200; seq += 300) {
      await test.report(
        worker,
        ...Array.from(
          { length: 300 },
          (_, index) => ({ op: 'output', job_id: id, lease_epoch: 1, seq: seq + index, stream: 'stdout', text: `${seq + index}` }) as const,
        ),
      );
    }
    await test.report(worker, { op: 'complete', job_id: id, lease_epoch: 1 });
    const events = await take(
      (signal) => watchWorkload(test.core, { id, after: null }, signal),
      (event) => event.type === 'workload.completed',
    );
    expectContiguous(events);
    expect(events.filter((event) => event.type === 'output').map((event) => event.data['text'])).toEqual(
      Array.from({ length: 1200 }, (_, index) => `${index}`),
    );
  });

  it('answers NOT_FOUND for the stream of an unknown workload', async () => {
    const watch = watchWorkload(test.core, { id: 'wl_none', after: null }, new AbortController().signal);
    await expect(watch.next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  if (engine === 'postgres') {
    it('numbers one stream without holes when two servers write, and both deliver all of it', async () => {
      await using second = await openSecondCore(test);
      const total = 240;
      const readers = [test.core, second.core].map((core) =>
        take(
          (signal) => watchStream(core, { stream: 'workloads', after: eventId(epochOf(), 0) }, signal),
          (_, count) => count === total,
        ),
      );
      // Neither server polls here: what the other one writes arrives by NOTIFY alone.
      await Promise.all(
        Array.from({ length: total }, (_, index) =>
          createWorkload(index % 2 === 0 ? test.core : second.core, CreateWorkloadInput.parse({ kind: 'command' })),
        ),
      );
      for (const events of await Promise.all(readers)) expectContiguous(events);
    });
  }
});
