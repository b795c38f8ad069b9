import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../engine/index.ts';
import { newId } from '../ids.ts';
import { CreateMonitorInput } from '../monitors/contract.ts';
import { createMonitor, deleteMonitor, runMonitor } from '../monitors/index.ts';
import type { RecordedRun } from '../ports/index.ts';
import { listOutages } from '../outages/index.ts';
import type { LiveEvent } from '../runs/contract.ts';
import { recordFinished } from '../runs/index.ts';
import { getUptime } from '../uptime/index.ts';
import { TIME_VECTORS } from './time-vectors.ts';
import { walkHistory } from './walk-history.ts';

export interface HistoryStoreUnderTest {
  readonly core: Core;
  /** Puts among the records of a monitor what nobody can read, where others may write to the store. */
  spoil?(testId: string, at: number): Promise<void>;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;
const START = Date.parse('2026-01-10T00:00:00.000Z');
const whole = { from: new Date(START).toISOString(), to: new Date(START + DAY_MS).toISOString() };

const MINUTE_MS = 60_000;

/** A time so many minutes after the start. */
const minute = (at: number): string => new Date(START + at * MINUTE_MS).toISOString();

interface Vector {
  readonly id: string;
  readonly outcomes: readonly boolean[];
  readonly pct: number;
  readonly extra?: Readonly<Record<number, Partial<RecordedRun>>>;
}

const outcomesOf = (total: number, failed: number): boolean[] => Array.from({ length: total }, (_, index) => index >= failed);

/** **Source:** the vectors for shares of runs; percentages are floored to one decimal. */
const VECTORS: readonly Vector[] = [
  { id: 'R1', outcomes: [], pct: 100 },
  { id: 'R2', outcomes: [false], pct: 0 },
  { id: 'R3', outcomes: outcomesOf(100, 71), pct: 29 },
  { id: 'R4', outcomes: outcomesOf(1440, 1), pct: 99.9 },
  { id: 'R9', outcomes: [true], pct: 100, extra: { 0: { attempts: 3, is_flaky: true } } },
  { id: 'R10', outcomes: outcomesOf(10, 1), pct: 90, extra: { 3: { is_degraded: true }, 4: { is_degraded: true } } },
  { id: 'R12', outcomes: outcomesOf(102, 2), pct: 98 },
  { id: 'R16', outcomes: [false, true], pct: 50, extra: { 0: { steps_passed: 3, steps_total: 4 } } },
];

/** A recorded run; its fields may be given. */
export function recordedRun(testId: string, given: Partial<RecordedRun> & { at?: number } = {}): RecordedRun {
  const { at = START, ...fields } = given;
  const passed = given.passed ?? true;
  return {
    run_id: newId('run', at),
    test_id: testId,
    passed,
    duration_ms: 100,
    steps_passed: passed ? 1 : 0,
    steps_total: 1,
    details: passed ? 'All steps passed.' : '0 of 1 steps passed.',
    step_results: [{ step_number: 1, passed }],
    error: passed ? null : 'status: expected 200, got 503',
    triggered_by: 'schedule',
    started_at: new Date(at).toISOString(),
    completed_at: new Date(at + 100).toISOString(),
    attempts: 1,
    is_flaky: false,
    is_degraded: false,
    workload_id: null,
    worker_id: null,
    artifacts: [],
    ...fields,
  };
}

/** What every implementation of the history store must do. */
export function describeHistoryStore(name: string, open: () => Promise<HistoryStoreUnderTest>): void {
  describe(`the history store ${name}`, () => {
    let under: HistoryStoreUnderTest;
    let core: Core;

    beforeAll(async () => {
      under = await open();
      core = under.core;
    });
    afterAll(() => under.close());

    const monitor = async (given: object = {}): Promise<string> => {
      const input = { name: 'Login Flow', url: 'https://example.com', status: 'paused', ...given };
      return (await createMonitor(core, CreateMonitorInput.parse(input))).id;
    };
    const record = (runs: readonly RecordedRun[]): Promise<void> =>
      core.database.db.transaction().execute((tx) => core.runs.record(tx, runs));
    const page = { limit: 100, offset: 0 };
    /** The next so many live events of a monitor. */
    const follow = async (id: string, from: { after: string | null; replay: number; count: number }): Promise<LiveEvent[]> => {
      const { after, replay, count } = from;
      const end = new AbortController();
      const events: LiveEvent[] = [];
      for await (const event of await core.runs.events.watch({ test_id: id, after, replay }, end.signal)) {
        events.push(event);
        if (events.length >= count) end.abort();
      }
      return events;
    };

    it('keeps every field of a run', async () => {
      const id = await monitor();
      const run = recordedRun(id, {
        passed: false,
        duration_ms: 12_340,
        triggered_by: 'manual',
        details: 'über ✓',
        steps_passed: 2,
        steps_total: 3,
      });
      await record([run]);
      const { test_id: _test, ...fields } = run;
      expect(await core.runs.findRun(id, run.run_id)).toMatchObject(fields);
      expect((await core.runs.listRuns(id, page)).runs).toMatchObject([fields]);
      expect(await core.runs.findRun(id, 'run_none')).toBeNull();
    });

    it('lists newest first whatever the order of arrival, and pages by offset and by key', async () => {
      const id = await monitor();
      const runs = [3, 1, 4, 0, 2].map((minute) => recordedRun(id, { at: START + minute * 60_000, passed: minute % 2 === 0 }));
      for (const run of runs) await record([run]);
      const expected = runs.toSorted((left, right) => (left.started_at < right.started_at ? 1 : -1));
      const { runs: listed, total } = await core.runs.listRuns(id, page);
      expect(listed.map((run) => run.run_id)).toEqual(expected.map((run) => run.run_id));
      expect(total).toBe(5);
      const second = await core.runs.listRuns(id, { limit: 2, offset: 1 });
      expect(second.runs.map((run) => run.run_id)).toEqual(expected.slice(1, 3).map((run) => run.run_id));
      const [, last] = second.runs;
      const third = await core.runs.listRuns(id, {
        limit: 2,
        offset: 0,
        before: { started_at: last?.started_at ?? '', run_id: last?.run_id ?? '' },
      });
      expect(third.runs.map((run) => run.run_id)).toEqual(expected.slice(3).map((run) => run.run_id));
      const failed = await core.runs.listRuns(id, { ...page, passed: false });
      expect(failed).toMatchObject({ total: 2, runs: expected.filter((run) => !run.passed).map(({ run_id }) => ({ run_id })) });
    });

    it('is walked through by cursor to the last run, past records that cannot be read', async () => {
      const id = await monitor();
      const runs = [0, 1, 2, 3, 4, 5].map((minute) => recordedRun(id, { at: START + minute * 60_000, passed: false }));
      await record(runs);
      // The newest page but one, and a page of nothing else.
      for (const minute of [5.5, 4.2, 4.4, 4.6, 4.8]) await under.spoil?.(id, START + minute * 60_000);
      const expected = runs.map(({ run_id }) => run_id).toReversed();
      expect(await walkHistory(core, id)).toEqual([expected, expected, expected]);
    });

    it('keeps two runs of one duration in one millisecond as two points', async () => {
      const id = await monitor();
      await record([recordedRun(id), recordedRun(id)]);
      const { timing, total } = await core.runs.listTiming(id, page);
      expect(total).toBe(2);
      expect(timing).toMatchObject([
        { timestamp: '2026-01-10T00:00:00.000Z', duration_ms: 100 },
        { timestamp: '2026-01-10T00:00:00.000Z', duration_ms: 100 },
      ]);
    });

    it('lists an incident per failed run', async () => {
      const id = await monitor();
      await record([
        recordedRun(id, { passed: false, at: START }),
        recordedRun(id, { at: START + 1000 }),
        recordedRun(id, { passed: false, at: START + 2000 }),
      ]);
      const { incidents, total } = await core.runs.listIncidents(id, { limit: 1, offset: 0 });
      expect(total).toBe(2);
      expect(incidents).toMatchObject([
        { test_id: id, started_at: '2026-01-10T00:00:02.000Z', error: 'status: expected 200, got 503', alert_sent: false },
      ]);
    });

    it('answers empty lists and zeros for a monitor that never ran', async () => {
      const id = await monitor();
      expect(await core.runs.listRuns(id, page)).toEqual({ runs: [], total: 0 });
      expect(await core.runs.countRuns([id], { from: 0, to: START })).toEqual([
        {
          total: 0,
          passed: 0,
          degraded: 0,
          flaky: 0,
          excluded: 0,
          duration_ms_sum: 0,
        },
      ]);
    });

    it('counts any window as counting one by one does, in any order of arrival and however often a run is reported', async () => {
      const id = await monitor();
      const random = fc.sample(
        fc.record({
          at: fc.integer({ min: START, max: START + 20 * DAY_MS }),
          passed: fc.boolean(),
          duration_ms: fc.integer({ min: 0, max: 60_000 }),
          is_flaky: fc.boolean(),
        }),
        { numRuns: 300, seed: 7 },
      );
      const runs = random.map((given) => recordedRun(id, given));
      for (let at = 0; at < runs.length; at += 50) await record(runs.slice(at, at + 50));
      await record([...runs.slice(10, 60), ...runs.slice(10, 20)]);
      const count = (from: number, to: number) => {
        const inside = runs.filter((run) => Date.parse(run.started_at) >= from && Date.parse(run.started_at) < to);
        const passed = inside.filter((run) => run.passed).length;
        const flaky = inside.filter((run) => run.is_flaky).length;
        return {
          total: inside.length,
          passed,
          flaky,
          degraded: 0,
          excluded: 0,
          duration_ms_sum: inside.reduce((sum, run) => sum + run.duration_ms, 0),
        };
      };
      const moment = fc.integer({ min: START - DAY_MS, max: START + 21 * DAY_MS });
      const property = fc.asyncProperty(moment, moment, moment, async (...moments) => {
        const [from = 0, middle = 0, to = 0] = moments.toSorted((left, right) => left - right);
        const [whole] = await core.runs.countRuns([id], { from, to });
        expect(whole).toEqual(count(from, to));
        const parts = await Promise.all([core.runs.countRuns([id], { from, to: middle }), core.runs.countRuns([id], { from: middle, to })]);
        expect(parts.flat().reduce((sum, part) => sum + part.total, 0)).toBe(whole?.total);
      });
      await fc.assert(property, { numRuns: 25 });
      expect((await core.runs.listRuns(id, { limit: 1, offset: 0 })).total).toBe(300);
    });

    it('keeps counts per bucket and classes of durations that agree with the runs', async () => {
      const id = await monitor();
      const runs = [0, 10, 70, 1500].map((minute, index) =>
        recordedRun(id, { at: START + minute * 60_000, passed: index !== 1, duration_ms: 100 * (index + 1) }),
      );
      await record(runs.toReversed());
      const range = { from: START, to: START + 2 * DAY_MS };
      const days = await core.runs.buckets.list([id], { ...range, bucket_seconds: 86_400 });
      expect(days).toMatchObject([
        { test_id: id, total: 3, passed: 2, degraded: 0, duration_ms_sum: 600, duration_ms_min: 100, duration_ms_max: 300 },
        { bucket_at: new Date(START + DAY_MS).toISOString(), total: 1, duration_ms_sum: 400 },
      ]);
      const hours = await core.runs.buckets.list([id], { ...range, bucket_seconds: 3600, stretch_ms: DAY_MS });
      expect(hours).toEqual(days);
      expect(await core.runs.buckets.list([id], { ...range, bucket_seconds: 300 })).toHaveLength(4);
      const classes = await core.runs.buckets.listClasses([id], { ...range, bucket_seconds: 3600, stretch_ms: 2 * DAY_MS });
      expect(classes.map((row) => row.count)).toEqual([1, 1, 1, 1]);
      expect(await core.runs.buckets.listClasses([id], { ...range, bucket_seconds: 300 })).toEqual([]);
    });

    it('lists incidents by the start of their runs, whatever the order of arrival', async () => {
      const id = await monitor();
      const runs = [2, 0, 3, 1, 3].map((minute) => recordedRun(id, { at: START + minute * 60_000, passed: false }));
      for (const run of runs) await record([run]);
      const order = runs.toSorted((left, right) =>
        left.started_at === right.started_at ? (left.run_id < right.run_id ? 1 : -1) : left.started_at < right.started_at ? 1 : -1,
      );
      const { incidents } = await core.runs.listIncidents(id, page);
      expect(incidents.map((incident) => incident.run_id)).toEqual(order.map((run) => run.run_id));
      const [, second] = incidents;
      const rest = await core.runs.listIncidents(id, {
        ...page,
        before: { started_at: second?.started_at ?? '', run_id: second?.run_id ?? '' },
      });
      expect(rest.incidents).toEqual(incidents.slice(2));
    });

    it.each(VECTORS)('$id: answers $pct % for its runs, counted in any order and twice', async ({ outcomes, pct, extra }) => {
      const id = await monitor();
      const runs = outcomes.map((passed, index) => recordedRun(id, { at: START + index * 60_000, passed, ...extra?.[index] }));
      const recorded = [...runs.toReversed(), ...runs];
      for (let at = 0; at < recorded.length; at += 500) await record(recorded.slice(at, at + 500));
      const uptime = await getUptime(core, { test_id: id, hours: 24, ...whole });
      const failed = outcomes.filter((passed) => !passed).length;
      expect(uptime).toMatchObject({ uptime_pct: pct, total_runs: outcomes.length, failed_runs: failed, has_data: outcomes.length > 0 });
      expect(uptime.flaky_runs).toBe(Object.values(extra ?? {}).filter((run) => run.is_flaky).length);
      expect(uptime.degraded_runs).toBe(Object.values(extra ?? {}).filter((run) => run.is_degraded).length);
    });

    it.each(TIME_VECTORS)('$id: answers by time for the same runs, as long as its outages last', async (vector) => {
      const id = await monitor({ interval_seconds: vector.every_seconds, alert: vector.alert ?? {} });
      const { db } = core.database;
      const runs = vector.runs().map(([at, passed]) => recordedRun(id, { at: START + at * MINUTE_MS, passed }));
      await db
        .updateTable('monitor')
        .set({ created_at: minute(vector.created_at ?? 0) })
        .where('id', '=', id)
        .execute();
      await db.deleteFrom('excluded_span').where('test_id', '=', id).execute();
      for (const [from, to] of vector.paused ?? []) {
        const span = { id: newId('span', START), test_id: id, kind: 'paused' as const, from_at: minute(from), to_at: minute(to) };
        await db.insertInto('excluded_span').values(span).execute();
      }
      await db.transaction().execute((tx) => recordFinished(core, tx, runs));
      const { items } = await listOutages(core, { test_id: id, limit: 100 });
      for (const { from, to, pct, down_minutes } of vector.figures) {
        const { time_weighted: time } = await getUptime(core, { test_id: id, hours: 24, from: minute(from), to: minute(to) });
        expect(time.down_ms).toBe(down_minutes * MINUTE_MS);
        if (pct === null) expect(time.uptime_pct).toBeNull();
        else expect(time.uptime_pct).toBeCloseTo(pct, 9);
        const end = (at: string | null): number =>
          Math.min(START + to * MINUTE_MS, at === null ? Number.POSITIVE_INFINITY : Date.parse(at));
        const lasted = items.map((outage) => end(outage.resolved_at) - Math.max(START + from * MINUTE_MS, Date.parse(outage.opened_at)));
        expect(lasted.reduce((sum, ms) => sum + Math.max(0, ms), 0)).toBe(time.down_ms);
      }
    });

    it('never leaves 0 to 100, lasts as long as its outages, and is down no longer when more failures are asked for', async () => {
      const outcomes = fc.sample(fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }), { numRuns: 2, seed: 11 });
      for (const sequence of outcomes) {
        const down: number[] = [];
        for (const confirm_failures of [1, 2, 4]) {
          const id = await monitor({ interval_seconds: 60, alert: { confirm_failures, reopen_within_seconds: 0 } });
          const runs = sequence.map((passed, index) => recordedRun(id, { at: START + index * MINUTE_MS, passed }));
          await core.database.db.transaction().execute((tx) => recordFinished(core, tx, runs));
          const window = { from: minute(0), to: minute(60) };
          const { uptime_pct, time_weighted: time } = await getUptime(core, { test_id: id, hours: 24, ...window });
          for (const pct of [uptime_pct, time.uptime_pct ?? 0]) {
            expect(pct).toBeGreaterThanOrEqual(0);
            expect(pct).toBeLessThanOrEqual(100);
          }
          const { items } = await listOutages(core, { test_id: id, limit: 100 });
          const end = START + 60 * MINUTE_MS;
          const lasted = items.map(
            ({ opened_at, resolved_at }) => (resolved_at === null ? end : Date.parse(resolved_at)) - Date.parse(opened_at),
          );
          expect(lasted.reduce((sum, ms) => sum + ms, 0)).toBe(time.down_ms);
          down.push(time.down_ms);
        }
        expect(down).toEqual(down.toSorted((left, right) => right - left));
        expect(down[0]).toBeGreaterThan(down[2] ?? 0);
      }
    });

    it('includes the start of a window and not its end', async () => {
      const id = await monitor();
      await record([
        recordedRun(id, { at: START }),
        recordedRun(id, { at: START + 1, passed: false }),
        recordedRun(id, { at: START + 5000, passed: false }),
      ]);
      expect(await core.runs.countRuns([id, 'tst_none'], { from: START, to: START + 5000 })).toMatchObject([
        { total: 2, passed: 1 },
        { total: 0 },
      ]);
    });

    it('tells events in order, each chunk once, and the end of a recorded run', async () => {
      const id = await monitor();
      const { workload_id, run_id } = await runMonitor(core, { test_id: id });
      const chunk = (epoch: number, seq: number, message: string) => ({
        workload_id,
        epoch,
        seq,
        events: [{ type: 'log' as const, message }],
      });
      await core.runs.events.append([chunk(1, 0, 'a'), chunk(1, 1, 'b'), { ...chunk(1, 0, 'other'), workload_id: 'wl_none' }]);
      await core.runs.events.append([chunk(1, 1, 'b'), chunk(1, 2, 'c')]);
      await core.runs.events.append([chunk(2, 0, 'again')]);
      await record([recordedRun(id, { run_id })]);
      const read = (after: string | null, replay: number, count: number): Promise<LiveEvent[]> => follow(id, { after, replay, count });
      const events = await read(null, 50, 5);
      expect(events.map(({ type, message }) => `${type} ${message}`)).toEqual([
        'log a',
        'log b',
        'log c',
        'log again',
        'run_complete All steps passed.',
      ]);
      expect(events.every((event) => event.run_id === run_id)).toBe(true);
      expect(await read(null, 2, 2)).toEqual(events.slice(3));
      expect(await read(events[1]?.id ?? null, 50, 3)).toEqual(events.slice(2));
      expect(await read('never-existed', 50, 1)).toMatchObject([{ type: 'gap' }]);
    });

    it('records runs of the past without a word to who follows the monitor', async () => {
      const id = await monitor();
      const [past, present] = [recordedRun(id), recordedRun(id, { at: START + 1000 })];
      await core.database.db.transaction().execute((tx) => core.runs.record(tx, [past], { is_silent: true }));
      await record([present]);
      expect(await follow(id, { after: null, replay: 50, count: 1 })).toMatchObject([{ run_id: present.run_id }]);
      expect((await core.runs.listRuns(id, page)).runs.map((run) => run.run_id)).toEqual([present.run_id, past.run_id]);
    });

    it('forgets a monitor', async () => {
      const id = await monitor();
      await record([recordedRun(id)]);
      await deleteMonitor(core, { test_id: id });
      expect(await core.runs.listRuns(id, page)).toEqual({ runs: [], total: 0 });
      expect(await core.runs.listTiming(id, page)).toEqual({ timing: [], total: 0 });
    });
  });
}
