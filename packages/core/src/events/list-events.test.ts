import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import type { StreamEvent } from './contract.ts';
import { appendEvent, eventId, listEvents } from './index.ts';
import { rowsBefore } from './read-stream.ts';

const numberOf = (event: StreamEvent): unknown => event.data['n'];

describe.each(engines())('the log read backwards on %s', (engine) => {
  let test: TestCore;
  /** Of each test its own. */
  let stream = '';
  let count = 0;

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  beforeEach(() => {
    count += 1;
    stream = `log_${count}`;
  });
  afterAll(() => test.close());

  /** Rows of one to `most` events, numbered on. */
  const append = async (name: string, total: number, most = 1): Promise<void> => {
    for (let n = 1, size = 1; n <= total; n += size, size = (size % most) + 1) {
      const items = Array.from({ length: Math.min(size, total - n + 1) }, (_, index) => ({ type: 'worker.noted', n: n + index }));
      await appendEvent(test.core.database.db, name, items);
    }
  };
  const pages = async (name: string, limit: number): Promise<StreamEvent[][]> => {
    const all: StreamEvent[][] = [];
    let before: string | undefined;
    for (;;) {
      const { items, next_cursor } = await listEvents(test.core, { stream: name, order: 'desc', limit, before });
      all.push(items);
      if (next_cursor === null) return all;
      before = next_cursor;
    }
  };
  const down = (from: number, to = 1): number[] => Array.from({ length: from - to + 1 }, (_, index) => from - index);

  it.each([1, 3, 7, 60])('tells every event once, the newest first, in pages of %i, however they lie in their rows', async (limit) => {
    await append(stream, 60, 5);
    const read = await pages(stream, limit);
    expect(read.flat().map(numberOf)).toEqual(down(60));
    expect(read.slice(0, -1).every((page) => page.length === limit)).toBe(true);
    const forward = await listEvents(test.core, { stream, limit: 1000 });
    expect(read.flat().toReversed()).toEqual(forward.items);
  });

  it('goes back from where it was, whatever has come since', async () => {
    await append(stream, 5);
    const first = await listEvents(test.core, { stream, order: 'desc', limit: 2 });
    await append(stream, 3);
    const second = await listEvents(test.core, { stream, order: 'desc', limit: 2, before: first.next_cursor ?? '' });
    expect([...first.items, ...second.items].map(numberOf)).toEqual([5, 4, 3, 2]);
  });

  it('ends where the log was trimmed, also when that happened under the reader', async () => {
    await append(stream, 10);
    const first = await listEvents(test.core, { stream, order: 'desc', limit: 3 });
    await sql`delete from event where stream = ${stream} and position <= 5`.execute(test.core.database.db);
    await sql`update stream set floor = 5 where name = ${stream}`.execute(test.core.database.db);
    const rest = await listEvents(test.core, { stream, order: 'desc', limit: 10, before: first.next_cursor ?? '' });
    expect(rest).toMatchObject({ items: [{ data: { n: 7 } }, { data: { n: 6 } }], next_cursor: null });
    const gone = eventId(test.core.logEpoch, 3);
    expect(await listEvents(test.core, { stream, order: 'desc', limit: 10, before: gone })).toEqual({ items: [], next_cursor: null });
    await sql`delete from event where stream = ${stream}`.execute(test.core.database.db);
    await sql`update stream set floor = 10 where name = ${stream}`.execute(test.core.database.db);
    expect(await listEvents(test.core, { stream, order: 'desc', limit: 10 })).toEqual({ items: [], next_cursor: null });
  });

  it('is empty for a stream without events', async () => {
    expect(await listEvents(test.core, { stream, order: 'desc', limit: 10 })).toEqual({ items: [], next_cursor: null });
    expect(await listEvents(test.core, { stream: 'no-such-stream', order: 'desc', limit: 10 })).toEqual({ items: [], next_cursor: null });
  });

  it('tells the life of one workload backwards, its transitions in their places', async () => {
    const worker = await test.worker();
    const { id } = await test.submit();
    await test.claimOne(worker);
    const chunks = (from: number, to: number) =>
      Array.from(
        { length: to - from },
        (_, index) => ({ op: 'output', job_id: id, lease_epoch: 1, seq: from + index, stream: 'stdout', text: `${from + index}` }) as const,
      );
    for (let seq = 0; seq < 600; seq += 300) await test.report(worker, ...chunks(seq, seq + 300));
    await test.report(worker, { op: 'complete', job_id: id, lease_epoch: 1 });
    const read = (await pages(id, 170)).flat();
    expect([read[0]?.type, read.at(-2)?.type, read.at(-1)?.type]).toEqual(['workload.completed', 'workload.started', 'workload.created']);
    expect(read.filter((event) => event.type === 'output').map((event) => event.data['text'])).toEqual(down(599, 0).map(String));
    expect(read.map((event) => Number(event.id.split('.')[1]))).toEqual(down(603));
  });

  it.each([
    [{ order: 'desc', before: 'not an id' }, 'before'],
    [{ order: 'desc', before: 'zzz.1' }, 'before'],
    [{ order: 'desc', before: 'ahead' }, 'before'],
    [{ order: 'desc', after: 'ahead' }, 'after'],
    [{ before: 'ahead' }, 'before'],
  ] as const)('refuses %j and names the field', async (asked, field) => {
    await append(stream, 2);
    const ahead = eventId(test.core.logEpoch, 99);
    const given = Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, value === 'ahead' ? ahead : value]));
    await expect(listEvents(test.core, { stream, limit: 10, ...given })).rejects.toMatchObject({
      code: 'VALIDATION',
      issues: [{ path: field }],
    });
  });

  it('reads by the key what it shows, from a stream of 20,000 rows', async () => {
    await sql`insert into event (stream, position, item_count, items) select ${stream}, n, 1, '[{"type":"worker.noted"}]' from generate_series(1, 20000) n`.execute(
      test.core.database.db,
    );
    await sql`insert into stream (name, position) values (${stream}, 20000) on conflict (name) do update set position = 20000`.execute(
      test.core.database.db,
    );
    const { rows } = await sql<{
      'QUERY PLAN': string;
    }>`explain (analyze, costs off, timing off) ${rowsBefore(stream, 10_000, 60)}`.execute(test.core.database.db);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).not.toContain('Seq Scan');
    const counts = [...plan.matchAll(/rows=(\d+)/g)].map((match) => Number(match[1]));
    expect(Math.max(...counts)).toBe(60);
  });
});
