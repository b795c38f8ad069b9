import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import type { Runner, WorkerUtils } from 'graphile-worker';
import { readNumber, settle, withClient } from '../machine/postgres.ts';
import type { Outcome, Perform, Subject, TrialRequest } from '../trial.ts';
import { payloadOf } from './payload.ts';
import { differs, Tally } from './tally.ts';
import { inFlight, latency, rate, waitFor } from './timing.ts';

const TASK = 'bench';
const BATCH = 1000;
const POOL = 20;
const STORED = 'select count(*) from graphile_worker._private_jobs';

const logger = new Logger(() => (level, message) => {
  if (level === 'error') process.stderr.write(`graphile-worker: ${message}\n`);
});

async function openUtils(url: string): Promise<WorkerUtils> {
  const utils = await makeWorkerUtils({ connectionString: url, logger, maxPoolSize: POOL });
  await utils.migrate();
  return utils;
}

function batchOf(start: number, size: number): { identifier: string; payload: object }[] {
  return Array.from({ length: size }, (_, index) => ({ identifier: TASK, payload: payloadOf(start + index) }));
}

/** `default`: nothing set but the concurrency. `tuned`: its fastest documented settings. */
function presetOf(mode: 'default' | 'tuned'): GraphileConfig.Preset {
  return mode === 'default' ? {} : { worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0 } };
}

function lifecycle(mode: 'default' | 'tuned'): Perform {
  return async ({ trial, postgres_url }) => {
    const { n, agents } = trial.params;
    const utils = await openUtils(postgres_url);
    for (let done = 0; done < n; done += BATCH) await utils.addJobs(batchOf(done, Math.min(BATCH, n - done)));
    await utils.release();
    await settle(postgres_url);
    const tally = new Tally(n);
    return withClient(postgres_url, async (client) => {
      let runner: Runner | undefined;
      const measure = await rate('jobs/s', n, async () => {
        runner = await run({
          connectionString: postgres_url,
          logger,
          concurrency: agents,
          maxPoolSize: POOL,
          noHandleSignals: true,
          preset: presetOf(mode),
          taskList: {
            [TASK]: (_payload, { job }) => {
              tally.take(job.id);
            },
          },
        });
        await waitFor('the last graphile-worker job', () => tally.isFull);
        // It deletes what it finished.
        await waitFor('the last graphile-worker completion', async () => (await readNumber(client, STORED)) === 0);
      });
      await runner?.stop();
      return { measures: [measure], problems: tally.problems() };
    });
  };
}

async function create({ trial, postgres_url }: TrialRequest): Promise<Outcome> {
  const { n, agents, lease } = trial.params;
  const utils = await openUtils(postgres_url);
  // The task's name is stored at its first job.
  await utils.addJob(TASK, payloadOf(0));
  await settle(postgres_url);
  const measure = await rate('jobs/s', n, () =>
    inFlight<unknown>(agents, n / lease, (index) =>
      lease === 1 ? utils.addJob(TASK, payloadOf(index)) : utils.addJobs(batchOf(index * lease, lease)),
    ),
  );
  const stored = await withClient(postgres_url, (client) => readNumber(client, STORED));
  await utils.release();
  return { measures: [measure], problems: differs('stored jobs', stored, n + 1) };
}

async function idleLatency({ trial, postgres_url }: TrialRequest): Promise<Outcome> {
  const utils = await openUtils(postgres_url);
  const started = new Map<number, (at: number) => void>();
  const runner = await run({
    connectionString: postgres_url,
    logger,
    concurrency: 1,
    noHandleSignals: true,
    taskList: {
      [TASK]: (payload) => {
        started.get((payload as { n: number }).n)?.(performance.now());
      },
    },
  });
  const samples: number[] = [];
  for (let index = 0; index < trial.params.n; index += 1) {
    const start = performance.now();
    const handed = new Promise<number>((resolve) => started.set(index, resolve));
    await utils.addJob(TASK, payloadOf(index));
    samples.push((await handed) - start);
    await new Promise((resolve) => setTimeout(resolve, 5 + (index % 10)));
  }
  await runner.stop();
  await utils.release();
  return { measures: [latency(samples)], problems: [] };
}

export const graphileWorker: Subject = { lifecycle: lifecycle('default'), create, latency: idleLatency };
export const graphileWorkerTuned: Subject = { lifecycle: lifecycle('tuned') };
