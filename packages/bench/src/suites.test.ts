import { describe, expect, it } from 'vitest';
import { GOALS } from './goals.ts';
import { SUITES, trialsOf } from './suites.ts';
import type { Sizes } from './suites.ts';
import { LOADERS } from './subjects/index.ts';

const SIZES: Sizes = { jobs: 10_000, agents: 50, leases: [10, 50], rows: [10, 20], long_run: 100, samples: 10, idle_seconds: 1, rounds: 2 };

/** Measurements a trial adds beside its own. */
const BESIDE = [
  'stats-large/select-1',
  'stats-small/tidemark',
  'first-tenth/tidemark',
  'last-tenth/tidemark',
  'uptime-one/select-1',
  'uptime-many/tidemark',
  'uptime-naive/tidemark',
  'record/bare',
];

describe('the suites', () => {
  const trials = trialsOf(SUITES, SIZES);

  it('measure each case of a subject once, however many suites compare with it', () => {
    const keys = trials.map((trial) => `${trial.name}/${trial.subject}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toContain('one/pg-boss');
  });

  it('measure both sides of every goal', () => {
    const measured = new Set([...trials.map((trial) => `${trial.name}/${trial.subject}`), ...BESIDE]);
    const missing = GOALS.flatMap((goal) => [goal.over, ...goal.under])
      .map((source) => `${source.name}/${source.subject}`)
      .filter((key) => !measured.has(key));
    expect(missing).toEqual([]);
  });

  it('ask subjects only for what they can do', async () => {
    for (const { subject, verb } of trials) expect((await LOADERS[subject]())[verb], `${subject} ${verb}`).toBeTypeOf('function');
  });

  it('divide every batch case into whole batches', () => {
    for (const { name, params } of trials.filter((trial) => trial.verb === 'create')) expect(params.n % params.lease, name).toBe(0);
  });
});
