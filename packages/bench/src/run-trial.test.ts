import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPostgres, startPostgres } from '@tidemark/core/testing';
import type { TestServer } from '@tidemark/core/testing';
import { readNumber, withClient } from './machine/postgres.ts';
import type { Machine } from './machine/start-machine.ts';
import { runTrial } from './run-trial.ts';
import type { Params, SubjectName, Trial, Verb } from './trial.ts';

const OPTIONS = { timeout_ms: 60_000, profile_dir: null };
const PARAMS: Params = { n: 200, agents: 4, lease: 10 };

function trialOf(subject: SubjectName, verb: Verb, params: Partial<Params> = {}): Trial {
  return { name: verb, subject, verb, params: { ...PARAMS, ...params } };
}

describe.skipIf(findPostgres() === null)('a trial', () => {
  let server: TestServer;
  let machine: Machine;

  beforeAll(async () => {
    server = await startPostgres();
    machine = { postgres_url: server.url, redis_url: null, stop: () => server.stop() };
  });

  afterAll(() => machine.stop());

  it.each([
    trialOf('tidemark', 'lifecycle'),
    trialOf('tidemark-uncounted', 'lifecycle'),
    trialOf('tidemark', 'create', { lease: 1 }),
    trialOf('tidemark', 'checkpoint', { lease: 1 }),
    trialOf('tidemark-single', 'checkpoint', { lease: 1 }),
    trialOf('tidemark', 'latency', { n: 5 }),
    trialOf('tidemark', 'stats', { n: 5, rows: 100, repeats: 1 }),
    trialOf('tidemark', 'uptime', { n: 3, rows: 3000, repeats: 1 }),
    trialOf('tidemark', 'record', { n: 40, lease: 20 }),
    trialOf('pg-boss-batched', 'lifecycle'),
    trialOf('graphile-worker', 'lifecycle'),
    trialOf('bullmq-postgres', 'lifecycle'),
  ])('measures and verifies $subject $verb', async (trial) => {
    const { measures, problems } = await runTrial(machine, trial, OPTIONS);
    expect(problems).toEqual([]);
    expect(measures.length).toBeGreaterThan(0);
    for (const measure of measures) expect(measure.value).toBeGreaterThan(0);
  });

  it('tells what a subject cannot do instead of a number', async () => {
    const { measures, problems } = await runTrial(machine, trialOf('raw', 'latency'), OPTIONS);
    expect(measures).toEqual([]);
    expect(problems.join()).toContain('raw cannot do latency');
  });

  it('gives up on a subject that does not answer in time', async () => {
    const { problems } = await runTrial(machine, trialOf('tidemark', 'lifecycle'), { ...OPTIONS, timeout_ms: 1 });
    expect(problems.join()).toContain('no answer within');
  });

  it('leaves no database behind', async () => {
    await runTrial(machine, trialOf('raw', 'create', { lease: 10 }), OPTIONS);
    const left = await withClient(machine.postgres_url, (client) =>
      readNumber(client, `select count(*) from pg_database where datname like 'bench%'`),
    );
    expect(left).toBe(0);
  });
});
