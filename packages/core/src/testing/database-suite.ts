import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseHandle, Writer } from '../ports/database.ts';
import { createTestDatabase, type Engine, type TestDatabase } from './create-test-database.ts';

/** One literal of each type in use, and the value every store must return for it. */
const VALUES: readonly (readonly [expression: string, value: unknown])[] = [
  ['1::int4', 1],
  ['9007199254740991::int8', Number.MAX_SAFE_INTEGER],
  ['-5::int8', -5],
  ['1.25::numeric', 1.25],
  ['sum(2::int8)', 2],
  ['0.1::float8', 0.1],
  ['true', true],
  ['null::int8', null],
  ["'a\u00e9\u{1f600}'::text", 'aé😀'],
  ["timestamptz '2026-01-31 12:00:00.123456+00'", '2026-01-31T12:00:00.123Z'],
  ["timestamptz '2026-01-31 12:00:00.999999+00'", '2026-01-31T12:00:00.999Z'],
  ["timestamptz '2026-01-31 12:00:00+00'", '2026-01-31T12:00:00.000Z'],
  ["timestamptz '2026-07-31 12:00:00.5+02'", '2026-07-31T10:00:00.500Z'],
  ["timestamptz 'infinity'", 'infinity'],
  ["date '2026-01-31'", '2026-01-31'],
  [`'{"b": [1,  2]}'::json`, '{"b": [1,  2]}'],
  [`'{"b": [1,  2]}'::jsonb`, { b: [1, 2] }],
  ['array[1, null]::int8[]', [1, null]],
  ["array['a', null]::text[]", ['a', null]],
  ["array[timestamptz '2026-01-31 12:00:00+00']", ['2026-01-31T12:00:00.000Z']],
  [`array['{"a": 1}']::json[]`, ['{"a": 1}']],
  ["'\\x00ff'::bytea", Buffer.from([0, 255])],
];

const VALUE_QUERY = `select ${VALUES.map(([expression], index) => `${expression} as v${index}`).join(', ')}`;
const VALUE_ROW = Object.fromEntries(VALUES.map(([, value], index) => [`v${index}`, value]));

const INSERT = { name: 'test_insert', text: 'insert into probe (id, body) values ($1::bigint, $2::text) returning id' };
const SELECT = { name: 'test_select', text: 'select id, body from probe where id = any($1::bigint[]) order by id' };

const ARRAYS = {
  name: 'test_arrays',
  text: 'select $1::text[] as texts, $2::int[] as ints, $3::bigint[] as bigints, $4::boolean[] as booleans',
};

/** What every implementation of the database port must do. */
export function describeDatabase(engine: Engine): void {
  describe(`the database port on ${engine}`, () => {
    let database: TestDatabase;
    let handle: DatabaseHandle;
    let writer: Writer;

    beforeAll(async () => {
      database = await createTestDatabase(engine);
      handle = database.handle;
      const [first] = handle.writers;
      if (first === undefined) throw new Error('no writer');
      writer = first;
      await sql`create table probe (id bigint primary key, body text)`.execute(handle.db);
    });
    afterAll(() => database.close());

    it('returns the same value for every column type, through writers and readers', async () => {
      expect(await writer.run({ name: 'types', text: VALUE_QUERY }, [])).toEqual([VALUE_ROW]);
      expect((await sql.raw(VALUE_QUERY).execute(handle.db)).rows).toEqual([VALUE_ROW]);
    });

    it('hands arrays of every type to the database as they are', async () => {
      const arrays = [
        ['plain', '', 'quo"te', 'back\\slash', '{a,b}', 'NULL', 'null', 'line\nbreak\ttab', 'aé😀', null],
        [1, 0, -1, 2_147_483_647, -2_147_483_648, null],
        [1, 0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 4_294_967_296, -4_294_967_297, null],
        [true, false, null],
      ];
      for (const values of [
        arrays,
        arrays.map((array) => array.slice(0, 1)),
        arrays.map(() => [null]),
        arrays.map(() => []),
        [null, null, null, null],
      ])
        expect(await writer.run(ARRAYS, values)).toEqual([{ texts: values[0], ints: values[1], bigints: values[2], booleans: values[3] }]);
    });

    it('leaves the refusal of an array that does not fit to the database, and serves the next call', async () => {
      await expect(writer.run(ARRAYS, [[], [1.5], [], []])).rejects.toMatchObject({ code: '22P02' });
      await expect(writer.run(ARRAYS, [[], [2_147_483_648], [], []])).rejects.toMatchObject({ code: '22003' });
      await expect(writer.run(ARRAYS, [['a\u0000b'], [], [], []])).rejects.toMatchObject({ code: '22021' });
      expect(await writer.run(ARRAYS, [[], ['7'], [], []])).toEqual([{ texts: [], ints: [7], bigints: [], booleans: [] }]);
    });

    it('names its engine', () => {
      expect(handle.capabilities.engine).toBe(engine);
    });

    it('keeps what a writer wrote where a reader finds it', async () => {
      expect(await writer.run(INSERT, [1, 'one'])).toEqual([{ id: 1 }]);
      expect(await writer.run(SELECT, [[1, 999]])).toEqual([{ id: 1, body: 'one' }]);
      expect((await sql`select body from probe where id = 1`.execute(handle.db)).rows).toEqual([{ body: 'one' }]);
    });

    it('passes a refusal of the database through and serves the next call', async () => {
      await writer.run(INSERT, [2, 'two']);
      await expect(writer.run(INSERT, [2, 'again'])).rejects.toMatchObject({ code: '23505', constraint: 'probe_pkey' });
      await expect(sql`select nothing`.execute(handle.db)).rejects.toMatchObject({ code: '42703' });
      expect(await writer.run(SELECT, [[2]])).toEqual([{ id: 2, body: 'two' }]);
    });

    it('commits a transaction as a whole', async () => {
      const result = await writer.transaction(async (tx) => {
        await tx.run(INSERT, [10, 'a']);
        await tx.run(INSERT, [11, 'b']);
        return 'done';
      });
      expect(result).toBe('done');
      expect(await writer.run(SELECT, [[10, 11]])).toHaveLength(2);
    });

    it('undoes the whole transaction when its work throws', async () => {
      const work = writer.transaction(async (tx) => {
        await tx.run(INSERT, [20, 'a']);
        throw new Error('changed my mind');
      });
      await expect(work).rejects.toThrow('changed my mind');
      expect(await writer.run(SELECT, [[20]])).toEqual([]);
    });

    it('does not report success for a transaction whose failed statement was swallowed', async () => {
      const work = writer.transaction(async (tx) => {
        await tx.run(INSERT, [21, 'a']);
        await tx.run(INSERT, [21, 'a']).catch(() => undefined);
      });
      await expect(work).rejects.toThrow('rolled back');
      expect(await writer.run(SELECT, [[21]])).toEqual([]);
    });

    it('refuses a statement after its transaction has ended', async () => {
      const tx = await writer.transaction((open) => Promise.resolve(open));
      expect(() => tx.run(SELECT, [[1]])).toThrow('after its transaction had ended');
    });

    it('serves many calls at once, on writers and readers together, each with its own answer', async () => {
      const ids = Array.from({ length: 200 }, (_, index) => 1000 + index);
      const answers = await Promise.all([
        ...ids.map((id) => writer.run<{ id: number }>(INSERT, [id, 'x'])),
        ...ids.map(async (id) => (await sql<{ id: number }>`select ${id}::bigint as id`.execute(handle.db)).rows),
      ]);
      expect(answers.map(([row]) => row?.id)).toEqual([...ids, ...ids]);
    });

    it('carries megabytes in both directions', async () => {
      const body = 'é'.repeat(2_000_000);
      await writer.run(INSERT, [30, body]);
      const [row] = await writer.run<{ body: string }>(SELECT, [[30]]);
      expect(row?.body === body).toBe(true);
      const { rows } = await sql<{ n: number }>`select n from generate_series(1, 50000) n`.execute(handle.db);
      expect(rows.at(-1)).toEqual({ n: 50_000 });
    });

    it('is not disturbed by a notice', async () => {
      await sql`do $$ begin raise warning 'look'; end $$`.execute(handle.db);
      await expect(handle.ping(5000)).resolves.toBeUndefined();
    });

    it('tells SQL the slot of the writer', async () => {
      for (const each of handle.writers) {
        const rows = await each.run({ name: 'slot', text: `select current_setting('tidemark.writer_slot', true)::int as slot` }, []);
        expect(rows).toEqual([{ slot: each.slot }]);
      }
    });

    it('pins the plans of writers, and leaves readers theirs', async () => {
      const text = `select current_setting('plan_cache_mode') as plan, current_setting('enable_seqscan') as seqscan`;
      for (let round = 0; round < 2; round += 1) {
        expect(await writer.run({ name: 'plan', text }, [])).toEqual([{ plan: 'force_generic_plan', seqscan: 'off' }]);
        expect((await sql.raw(text).execute(handle.db)).rows).toEqual([{ plan: 'auto', seqscan: 'on' }]);
      }
    });

    it('wakes a subscriber once per turn with every topic published in it, and no longer when unsubscribed', async () => {
      const heard: string[][] = [];
      const next = new Promise<void>((resolve) => {
        handle.wake.subscribe((topics) => (topics.includes('end') ? resolve() : undefined));
      });
      const stop = handle.wake.subscribe((topics) => heard.push([...topics]));
      handle.wake.publish(['a', 'b']);
      handle.wake.publish(['b', 'c']);
      await new Promise((resolve) => handle.wake.subscribe(resolve));
      expect(heard).toEqual([['a', 'b', 'c']]);
      stop();
      handle.wake.publish(['end']);
      await next;
      expect(heard).toHaveLength(1);
    });

    it('answers UNAVAILABLE after it was closed', async () => {
      const other = await createTestDatabase(engine);
      await other.handle.ping(5000);
      await Promise.all([other.handle.close(), other.handle.close()]);
      await other.close();
      await expect(other.handle.ping(5000)).rejects.toThrow();
      await expect(other.handle.writers[0]?.run(SELECT, [[1]])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    });
  });
}
