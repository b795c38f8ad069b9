import { describe, expect, it } from 'vitest';
import { type Judgement, judge, type ThresholdState } from './judge.ts';

const BASE: ThresholdState = {
  is_upper: true,
  warn: 10,
  crit: 20,
  recover: 8,
  for_seconds: 30,
  recover_seconds: 60,
  breach_since: null,
  crit_since: null,
  good_since: null,
  open_level: null,
};

/** What happens when a metric is looked at: pairs of a second and a value. */
function run(looks: readonly (readonly [second: number, value: number | null])[], base: Partial<ThresholdState> = {}): string[] {
  const fixed = { ...BASE, ...base };
  let moving = {
    breach_since: fixed.breach_since,
    crit_since: fixed.crit_since,
    good_since: fixed.good_since,
    open_level: fixed.open_level,
  };
  const told: string[] = [];
  for (const [second, value] of looks) {
    const seen: Judgement = judge(Object.assign(fixed, moving), value, new Date(second * 1000).toISOString());
    if (seen.action !== null) told.push(`${second} ${seen.action}${seen.action === 'open' ? ` ${seen.level}` : ''}`);
    const level =
      seen.action === 'open' ? seen.level : seen.action === 'escalate' ? 'crit' : seen.action === 'resolve' ? null : moving.open_level;
    moving = { breach_since: seen.breach_since, crit_since: seen.crit_since, good_since: seen.good_since, open_level: level };
  }
  return told;
}

describe('a threshold', () => {
  it('tells once, after it lasted, and once that it is over', () => {
    expect(
      run([
        [0, 12],
        [10, 9],
        [20, 12],
        [40, 12],
        [50, 12],
        [60, 15],
        [70, 12],
        [80, 9],
        [90, 7],
        [100, 9],
        [110, 7],
        [169, 7],
        [170, 0],
        [180, 0],
      ]),
    ).toEqual(['50 open warn', '170 resolve']);
  });
  it('gets critical once, and not back to a warning', () => {
    expect(
      run([
        [0, 12],
        [30, 12],
        [40, 25],
        [69, 25],
        [70, 25],
        [80, 12],
        [90, 25],
        [200, 25],
        [210, 0],
        [270, 0],
      ]),
    ).toEqual(['30 open warn', '70 escalate', '270 resolve']);
  });
  it('opens as critical when that is what lasted', () => {
    expect(
      run([
        [0, 25],
        [30, 25],
        [60, 25],
      ]),
    ).toEqual(['30 open crit']);
  });
  it('takes the limit itself as beyond, and nothing to measure as well', () => {
    expect(
      run([
        [0, 10],
        [30, 10],
        [40, null],
        [100, null],
      ]),
    ).toEqual(['30 open warn', '100 resolve']);
    expect(
      run([
        [0, null],
        [100, null],
      ]),
    ).toEqual([]);
  });
  it('watches what must not fall, and needs no delays', () => {
    const below = { is_upper: false, warn: 95, crit: 90, recover: null, for_seconds: 0, recover_seconds: 0 };
    expect(
      run(
        [
          [0, 100],
          [5, 95],
          [10, 89],
          [15, 92],
          [20, 95.1],
          [25, 94],
        ],
        below,
      ),
    ).toEqual(['5 open warn', '10 escalate', '20 resolve', '25 open warn']);
  });
});
