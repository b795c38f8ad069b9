import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { history } from '../testing/model-commands.ts';
import { ModelRun } from '../testing/model-run.ts';
import { mutateStatements, type Mutation } from '../testing/mutate-statements.ts';

/** TIDEMARK_MODEL_RUNS raises the number of histories, TIDEMARK_MODEL_SEED repeats those of a failed run. */
const RUNS = Number(process.env['TIDEMARK_MODEL_RUNS'] ?? 30);
const SEED = Number(process.env['TIDEMARK_MODEL_SEED'] ?? Date.now() % 2_147_483_647);
const LIMIT_MS = RUNS * 20_000;

const EPOCH_CHECK = 'l.lease_epoch = i.epoch and ';
/** Each with a seed whose histories come upon it soon. */
const MUTANTS: readonly (readonly [name: string, seed: number, mutation: Mutation])[] = [
  ['accepts completions of old leases that have a row', 7, { statements: ['complete_leased'], search: EPOCH_CHECK, replacement: '' }],
  [
    'accepts completions of old leases that have none',
    6,
    { statements: ['complete', 'cycle'], search: 'w.lease_epoch = i.epoch and ', replacement: '' },
  ],
  [
    'completes past a lease row that was made meanwhile',
    13,
    { statements: ['complete', 'cycle'], search: "w.status_reason = 'leased' and not w.has_lease", replacement: 'true' },
  ],
  ['accepts failures and releases of old leases', 6, { statements: ['close'], search: EPOCH_CHECK, replacement: '' }],
  ['accepts checkpoints of old leases', 8, { statements: ['note'], search: EPOCH_CHECK, replacement: '' }],
  [
    'forgets to grow the epoch',
    1,
    { statements: ['claim', 'cycle'], search: 'lease_epoch = w.lease_epoch + 1', replacement: 'lease_epoch = w.lease_epoch' },
  ],
  [
    'charges the attempt of a lost lease',
    1,
    { statements: ['close'], search: "case when r.op in ('release', 'expire') then", replacement: "case when r.op = 'release' then" },
  ],
  ['loses a count', 1, { statements: ['close'], search: '-count(*),', replacement: '-count(*) + 1,' }],
  [
    'skips a position',
    4,
    { statements: ['complete', 'cycle'], search: 'position = position + summed.n', replacement: 'position = position + summed.n + 1' },
  ],
  ['retries for ever', 7, { statements: ['close'], search: 'w.attempt < w.max_attempts', replacement: 'true' }],
  [
    'takes a repeated completion for news',
    5,
    { statements: ['complete', 'cycle'], search: 'closed_request_id = i.request_id', replacement: 'closed_request_id = null' },
  ],
];

describe.each(engines())('random histories on %s', (engine) => {
  it(
    `agree with the model and keep every promise (seed ${SEED}, ${RUNS} histories)`,
    async () => {
      await using test = await createTestCore(engine);
      await fc.assert(
        fc.asyncProperty(history, (commands) => ModelRun.play(test, commands)),
        { seed: SEED, numRuns: RUNS, endOnFailure: RUNS < 100 },
      );
    },
    LIMIT_MS,
  );
});

describe('the property suite notices an engine that', () => {
  it.each(MUTANTS)(
    '%s',
    async (_, seed, mutation) => {
      await using test = await createTestCore('pglite', (handle) => mutateStatements(handle, mutation));
      const property = fc.asyncProperty(history, (commands) => ModelRun.play(test, commands));
      const { failed, errorInstance } = await fc.check(property, { seed, numRuns: 300, endOnFailure: true });
      expect(failed).toBe(true);
      expect(String(errorInstance)).not.toContain('has no "');
    },
    300_000,
  );
});
