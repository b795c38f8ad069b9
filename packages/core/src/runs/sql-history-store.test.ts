import * as fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CreateMonitorInput } from '../monitors/contract.ts';
import { createMonitor } from '../monitors/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { describeHistoryStore, recordedRun } from '../testing/history-store-contract.ts';
import { engines } from '../testing/index.ts';
import { excludeSpan, exportResultLines, exportResults, recordFinished } from './index.ts';

for (const engine of engines()) describeHistoryStore(`in SQL on ${engine}`, () => createTestCore(engine));

async function piecesOf(download: AsyncIterable<string>): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of download) pieces.push(piece);
  return pieces;
}

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

describe.each(engines())('recorded runs on %s', (engine) => {
  let test: TestCore;
  let start: number;

  beforeAll(async () => {
    test = await createTestCore(engine);
    start = Math.floor(test.core.now() / DAY) * DAY - 3 * DAY;
  });
  afterAll(() => test.close());

  const monitor = async (): Promise<string> => {
    const input = { name: 'Shop', url: 'https://example.com', status: 'paused' };
    return (await createMonitor(test.core, CreateMonitorInput.parse(input))).id;
  };
  const record = (id: string, minutes: readonly number[]): Promise<unknown> => {
    const runs = minutes.map((minute) =>
      recordedRun(id, { at: start + minute * MINUTE, passed: minute % 3 !== 0, is_degraded: minute % 5 === 1, duration_ms: minute + 1 }),
    );
    return test.core.database.db.transaction().execute((tx) => recordFinished(test.core, tx, runs));
  };
  /** Makes every window one that the running counts cannot tell. */
  const forget = (id: string) =>
    sql`update monitor_state set counted_from = 'infinity' where test_id = ${id}`.execute(test.core.database.db);
  const windows = fc.sample(fc.tuple(fc.integer({ min: -5, max: 4000 }), fc.integer({ min: 0, max: 4000 })), { numRuns: 20, seed: 3 });
  const countAll = (id: string) =>
    Promise.all(
      windows.map(([from, length]) => {
        const window = { from: start + from * MINUTE + 1, to: start + (from + length) * MINUTE };
        return test.core.runs.countRuns([id], window);
      }),
    );

  it('are counted as they come, in agreement with the buckets for any window, whatever came late or twice', async () => {
    const id = await monitor();
    const minutes = Array.from({ length: 200 }, (_, index) => (index * 37) % 4000);
    for (let at = 0; at < 200; at += 40) await record(id, [...minutes.slice(at, at + 40), ...minutes.slice(at, at + 3)].toReversed());
    const running = await countAll(id);
    expect(running.some(([counts]) => (counts?.total ?? 0) > 50)).toBe(true);
    await forget(id);
    expect(await countAll(id)).toEqual(running);
  });

  it('are counted anew behind runs without a count', async () => {
    const id = await monitor();
    await record(id, [0, 1, 2]);
    await sql`update run set total_before = null where test_id = ${id}`.execute(test.core.database.db);
    await forget(id);
    await record(id, [3]);
    await record(id, [10, 11, 12]);
    const count = (from: number) => test.core.runs.countRuns([id], { from: start + from * MINUTE, to: start + 20 * MINUTE });
    expect(await count(0)).toMatchObject([{ total: 7, passed: 4 }]);
    expect(await count(4)).toMatchObject([{ total: 3, passed: 2 }]);
  });

  it('are counted by the buckets in windows with excluded runs', async () => {
    const id = await monitor();
    await record(id, [0, 1, 2, 3]);
    const iso = (minute: number): string => new Date(start + minute * MINUTE).toISOString();
    await excludeSpan(test.core, { test_id: id, from: iso(1), to: iso(3), reason: 'The prober was offline' }, 'key_anna');
    const count = (from: number, to: number) => test.core.runs.countRuns([id], { from: start + from * MINUTE, to: start + to * MINUTE });
    expect(await count(0, 4)).toMatchObject([{ total: 2, passed: 0, excluded: 2 }]);
    expect(await count(3, 4)).toMatchObject([{ total: 1, excluded: 0 }]);
  });

  it('are downloaded page by page, each run once, within a window and by outcome', async () => {
    const id = await monitor();
    const minutes = Array.from({ length: 250 }, (_, index) => index);
    await record(id, minutes);
    const signal = new AbortController().signal;
    const pieces = await piecesOf(await exportResults(test.core, { test_id: id }, signal));
    expect(pieces.length).toBeGreaterThan(3);
    const started = pieces
      .join('')
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((line) => /\d{4}-[^,]*Z/.exec(line)?.[0]);
    const iso = (minute: number): string => new Date(start + minute * MINUTE).toISOString();
    expect(started).toEqual(minutes.map(iso).toReversed());
    const lines = await piecesOf(await exportResultLines(test.core, { test_id: id, passed: false, from: iso(30), to: iso(60) }, signal));
    expect(
      lines
        .join('')
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { started_at: string }).started_at),
    ).toEqual([57, 54, 51, 48, 45, 42, 39, 36, 33, 30].map(iso));
    await expect(exportResults(test.core, { test_id: 'tst_none' }, signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('are not passed off as whole when the download is broken off', async () => {
    const id = await monitor();
    await record(
      id,
      Array.from({ length: 150 }, (_, index) => index),
    );
    const broken = new AbortController();
    const download = await exportResults(test.core, { test_id: id }, broken.signal);
    expect((await download.next()).value).toContain('run_id,');
    broken.abort();
    expect(await download.next()).toMatchObject({ done: false });
    await expect(download.next()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
