import { describe, expect, it } from 'vitest';
import type { Goal } from './goals.ts';
import { judge } from './judge.ts';
import type { Record } from './records.ts';

const goal: Goal = {
  id: 'sample',
  statement: 'ours / the best of two rivals',
  over: { name: 'work', subject: 'ours' },
  under: [
    { name: 'work', subject: 'slow' },
    { name: 'work', subject: 'fast' },
  ],
  bound: 'at least',
  must: 2,
};

function record(subject: string, round: number, value: number): Record {
  return {
    case: 'work',
    subject,
    round,
    value,
    unit: 'jobs/s',
    n: 1,
    params: { n: 1, agents: 1, lease: 1 },
    verified: true,
    problems: [],
  };
}

/** One round: ours, the slow rival, the fast one. */
function rounds(...values: [number, number, number][]): Record[] {
  return values.flatMap(([ours, slow, fast], round) => [
    record('ours', round, ours),
    record('slow', round, slow),
    record('fast', round, fast),
  ]);
}

describe('judging a goal', () => {
  it('takes the ratio to the best rival of each round, and then the median', () => {
    expect(judge(goal, rounds([30, 1, 10], [40, 20, 10], [90, 10, 30]))).toMatchObject({
      ratios: [3, 2, 3],
      min: 2,
      median: 3,
      max: 3,
      result: 'met',
    });
  });

  it('takes the smallest rival where small is good', () => {
    expect(judge({ ...goal, bound: 'at most' }, rounds([30, 5, 10]))).toMatchObject({ median: 6, result: 'missed' });
  });

  it('is missed when the median and two thirds of the rounds miss', () => {
    expect(judge(goal, rounds([10, 10, 10], [10, 10, 10], [50, 10, 10])).result).toBe('missed');
  });

  it('is unclear when the median misses but too few rounds do', () => {
    expect(judge(goal, rounds([10, 10, 10], [50, 10, 10], [11, 10, 10], [21, 10, 10])).result).toBe('unclear');
  });

  it('has no verdict when a physical limit moved too much within the run', () => {
    const limit: Goal = { ...goal, under: [{ name: 'work', subject: 'raw' }] };
    const steady = [record('ours', 0, 30), record('raw', 0, 10), record('ours', 1, 45), record('raw', 1, 15)];
    expect(judge(limit, steady).result).toBe('met');
    expect(judge(limit, [...steady, record('ours', 2, 60), record('raw', 2, 20)]).result).toBe('unclear');
  });

  it('leaves a round out when a number of it is void', () => {
    const records = [...rounds([30, 1, 10]), { ...record('ours', 1, 1), verified: false }, record('slow', 1, 1), record('fast', 1, 1)];
    expect(judge(goal, records)).toMatchObject({ ratios: [3], result: 'met' });
  });

  it('is not judged against some of the rivals only', () => {
    expect(judge(goal, [record('ours', 0, 30), record('slow', 0, 1)])).toMatchObject({ median: null, result: 'unmeasured' });
  });

  it('judges the value itself when there is no other side', () => {
    expect(judge({ ...goal, under: [], bound: 'at most' }, [record('ours', 0, 1.5)])).toMatchObject({ median: 1.5, result: 'met' });
  });
});
