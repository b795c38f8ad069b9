import { AppError } from '../../errors.ts';
import type { HistoryRules, RunCounts } from '../../ports/history-store.ts';
import type { RedisConnection } from './connection.ts';
import type { MonitorKeys } from './keys.ts';
import { momentOf, nameOf, parseRun } from './record-format.ts';
import { FIND_STALE_DAYS, READ_DAY, REPLACE_DAY } from './scripts/index-results.ts';
import { CHECK_INDEX, COUNT_RUNS } from './scripts/read-history.ts';

const TRIES = 5;

/** The lengths counts are kept for, with the letter their fields begin with; the second is that of the classes of durations. */
export const BUCKETS = [
  { seconds: 86_400, counts: 'd', classes: 'D' },
  { seconds: 3600, counts: 'h', classes: 'H' },
  { seconds: 300, counts: 'm', classes: null },
] as const;

interface Sums {
  total: number;
  passed: number;
  degraded: number;
  flaky: number;
  sum: number;
  min: number;
  max: number;
}

const flag = (value: boolean | undefined): number => (value === true ? 1 : 0);

/** What a day of records adds up to, as fields and values of the roll-up. */
class DayRollup {
  readonly #sums = new Map<string, Sums>();
  readonly #classes = new Map<string, Map<number, number>>();
  readonly #classOf: HistoryRules['classOf'];

  constructor(classOf: HistoryRules['classOf']) {
    this.#classOf = classOf;
  }

  add(at: number, run: { passed: boolean; is_degraded?: boolean | undefined; is_flaky?: boolean | undefined; duration_ms: number }): void {
    for (const { seconds, counts, classes } of BUCKETS) {
      const start = Math.floor(at / (seconds * 1000)) * seconds;
      const duration = run.duration_ms;
      const known = this.#sums.get(counts + start) ?? { total: 0, passed: 0, degraded: 0, flaky: 0, sum: 0, min: duration, max: duration };
      this.#sums.set(counts + start, {
        total: known.total + 1,
        passed: known.passed + flag(run.passed),
        degraded: known.degraded + flag(run.is_degraded),
        flaky: known.flaky + flag(run.is_flaky),
        sum: known.sum + duration,
        min: Math.min(known.min, duration),
        max: Math.max(known.max, duration),
      });
      if (classes === null) continue;
      const histogram = this.#classes.get(classes + start) ?? new Map<number, number>();
      const index = this.#classOf(duration);
      histogram.set(index, (histogram.get(index) ?? 0) + 1);
      this.#classes.set(classes + start, histogram);
    }
  }

  fields(): string[] {
    const counts = [...this.#sums].flatMap(([field, sums]) => [field, Object.values(sums).join(' ')]);
    const classes = [...this.#classes].flatMap(([field, histogram]) => [
      field,
      [...histogram].map(([index, count]) => `${index}:${count}`).join(' '),
    ]);
    return [...counts, ...classes];
  }
}

/** Members with their scores, as Redis answers them one after the other. */
export function pairs(answer: unknown): { member: string; score: number; text: string }[] {
  const flat = answer as string[];
  return Array.from({ length: flat.length / 2 }, (_, index) => {
    const text = flat[index * 2 + 1] ?? '0';
    return { member: flat[index * 2] ?? '', score: Number(text), text };
  });
}

/**
 * What makes reads of `results` cheap: run ids by outcome and counts per bucket, written with each run. Records that others wrote
 * are found by their number per day, and only those days are read again.
 */
export class RunIndex {
  readonly #redis: RedisConnection;
  readonly #classOf: HistoryRules['classOf'];

  constructor(redis: RedisConnection, classOf: HistoryRules['classOf']) {
    this.#redis = redis;
    this.#classOf = classOf;
  }

  async isCurrent(keys: MonitorKeys): Promise<boolean> {
    return (await this.#redis.run(CHECK_INDEX, [keys.results, keys.passed, keys.failed, keys.ignored], [])) === 1;
  }

  /** Brings the index up to date with the results. @throws {AppError} UNAVAILABLE when others write faster than it reads. */
  async refresh(keys: MonitorKeys): Promise<void> {
    for (let left = TRIES; left > 0; left -= 1) {
      if (await this.isCurrent(keys)) return;
      const days = (await this.#redis.run(FIND_STALE_DAYS, [keys.results, keys.passed, keys.failed, keys.ignored], [])) as number[];
      for (const day of days) await this.#replaceDay(keys, day);
    }
    if (!(await this.isCurrent(keys))) throw new AppError('UNAVAILABLE', 'The history of this monitor is being rewritten; try again.');
  }

  async count(keys: MonitorKeys, window: { from: number; to: number }): Promise<RunCounts> {
    const names = [keys.results, keys.passed, keys.failed, keys.ignored, keys.runs, keys.rollup];
    let answer = await this.#redis.run(COUNT_RUNS, names, [window.from, window.to]);
    if (answer === null) {
      await this.refresh(keys);
      answer = await this.#redis.run(COUNT_RUNS, names, [window.from, window.to]);
    }
    if (answer === null) throw new AppError('UNAVAILABLE', 'The history of this monitor is being rewritten; try again.');
    const [total = 0, passed = 0, degraded = 0, flaky = 0, duration_ms_sum = 0] = answer as number[];
    return { total, passed, degraded, flaky, excluded: 0, duration_ms_sum };
  }

  async #replaceDay(keys: MonitorKeys, day: number): Promise<void> {
    const members = pairs(await this.#redis.run(READ_DAY, [keys.results], [day]));
    const rollup = new DayRollup(this.#classOf);
    const seen = new Set<string>();
    const runs: string[] = [];
    for (const { member, score, text } of members) {
      const run = parseRun(member, score);
      if (run === null || seen.has(run.run_id)) {
        runs.push('4', nameOf(member), text, '');
        continue;
      }
      seen.add(run.run_id);
      rollup.add(momentOf(score), run);
      const flags = [run.passed, run.is_degraded, run.is_flaky].map((value) => flag(value));
      runs.push(run.passed ? '2' : '3', run.run_id, text, [...flags, run.duration_ms].join(' '));
    }
    const names = [keys.results, keys.passed, keys.failed, keys.ignored, keys.runs, keys.rollup];
    await this.#redis.run(REPLACE_DAY, names, [day, members.length, members.length, ...runs, ...rollup.fields()]);
  }
}
