import { PGlite } from '@electric-sql/pglite';
import { fromPglite, PgBoss } from 'pg-boss';
import type { ConstructorOptions, WorkOptions } from 'pg-boss';
import { join } from 'node:path';
import { readNumber, settle, withClient } from '../machine/postgres.ts';
import type { Outcome, Perform, Subject, TrialRequest } from '../trial.ts';
import { payloadOf } from './payload.ts';
import { differs, Tally } from './tally.ts';
import { inFlight, latency, rate, waitFor } from './timing.ts';

const QUEUE = 'bench';
const BATCH = 1000;
const LEFT = `select exists (select 1 from pgboss.job where name = '${QUEUE}' and state < 'completed')::int`;
const COMPLETED = `select count(*) from pgboss.job where name = '${QUEUE}' and state = 'completed'`;

async function openBoss(options: ConstructorOptions): Promise<PgBoss> {
  const boss = new PgBoss({ max: 20, schedule: false, ...options });
  boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
  await boss.start();
  return boss;
}

const closeBoss = (boss: PgBoss): Promise<void> => boss.stop({ graceful: false });

async function insertJobs(boss: PgBoss, count: number): Promise<void> {
  for (let done = 0; done < count; done += BATCH) {
    const size = Math.min(BATCH, count - done);
    await boss.insert(
      QUEUE,
      Array.from({ length: size }, (_, index) => ({ data: payloadOf(done + index) })),
    );
  }
}

/** Asks a small question of the database the boss works on. */
type Ask = (text: string) => Promise<number>;

/** Processes what is queued: from the first fetch until the last completion is committed. */
async function drain(boss: PgBoss, count: number, how: { options: WorkOptions; ask: Ask }): Promise<Outcome> {
  const tally = new Tally(count);
  const measure = await rate('jobs/s', count, async () => {
    await boss.work(QUEUE, how.options, (jobs) => {
      for (const job of jobs) tally.take(job.id);
      return Promise.resolve();
    });
    await waitFor('the last pg-boss job', () => tally.isFull);
    await waitFor('the last pg-boss completion', async () => (await how.ask(LEFT)) === 0);
  });
  return { measures: [measure], problems: [...tally.problems(), ...differs('completed jobs', await how.ask(COMPLETED), count)] };
}

/** One job per fetch, fetching on while the backlog lasts: with plain polling it does at most two jobs a second and worker. */
function single(agents: number): WorkOptions {
  return { batchSize: 1, localConcurrency: agents, pollingIntervalSeconds: 0.5, burstWhenReadyExceeds: 1 };
}

/** Its fastest documented setting. */
const BATCHED: WorkOptions = { batchSize: BATCH, localConcurrency: 4, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true };

function lifecycle(optionsOf: (agents: number) => WorkOptions): Perform {
  return async ({ trial, postgres_url }) => {
    const { n, agents } = trial.params;
    const producer = await openBoss({ connectionString: postgres_url });
    await producer.createQueue(QUEUE);
    await insertJobs(producer, n);
    // Writes the backlog's size where the worker's cache reads it at its start: burst mode needs no warm-up then.
    await producer.supervise(QUEUE);
    await closeBoss(producer);
    await settle(postgres_url);
    const boss = await openBoss({ connectionString: postgres_url });
    const outcome = await withClient(postgres_url, (client) =>
      drain(boss, n, { options: optionsOf(agents), ask: (text) => readNumber(client, text) }),
    );
    await closeBoss(boss);
    return outcome;
  };
}

async function create({ trial, postgres_url }: TrialRequest): Promise<Outcome> {
  const { n, agents, lease } = trial.params;
  const boss = await openBoss({ connectionString: postgres_url });
  await boss.createQueue(QUEUE);
  await settle(postgres_url);
  const measure = await rate('jobs/s', n, () =>
    inFlight<unknown>(agents, n / lease, (index) =>
      lease === 1
        ? boss.send(QUEUE, payloadOf(index))
        : boss.insert(
            QUEUE,
            Array.from({ length: lease }, (_, at) => ({ data: payloadOf(index * lease + at) })),
          ),
    ),
  );
  const stored = await withClient(postgres_url, (client) => readNumber(client, `select count(*) from pgboss.job where name = '${QUEUE}'`));
  await closeBoss(boss);
  return { measures: [measure], problems: differs('stored jobs', stored, n) };
}

/** With LISTEN/NOTIFY: polling alone would wait for up to half a second. */
async function idleLatency({ trial, postgres_url }: TrialRequest): Promise<Outcome> {
  const boss = await openBoss({ connectionString: postgres_url, useListenNotify: true });
  await boss.createQueue(QUEUE, { notify: true });
  const started = new Map<string, (at: number) => void>();
  await boss.work<{ n: number }>(QUEUE, { batchSize: 1, localConcurrency: 1, pollingIntervalSeconds: 0.5 }, (jobs) => {
    const at = performance.now();
    for (const job of jobs) started.get(String(job.data.n))?.(at);
    return Promise.resolve();
  });
  const samples: number[] = [];
  for (let index = 0; index < trial.params.n; index += 1) {
    const start = performance.now();
    const handed = new Promise<number>((resolve) => started.set(String(index), resolve));
    await boss.send(QUEUE, payloadOf(index));
    samples.push((await handed) - start);
    await new Promise((resolve) => setTimeout(resolve, 5 + (index % 10)));
  }
  await closeBoss(boss);
  return { measures: [latency(samples)], problems: [] };
}

async function embedded({ trial, scratch_dir }: TrialRequest): Promise<Outcome> {
  const { n } = trial.params;
  const database = await PGlite.create(join(scratch_dir, 'pg-boss'));
  const options: ConstructorOptions = { db: fromPglite(database), backend: 'pglite' };
  const boss = await openBoss(options);
  await boss.createQueue(QUEUE);
  await insertJobs(boss, n);
  await database.exec('vacuum analyze');
  const ask: Ask = async (text) => Number(Object.values((await database.query<Record<string, unknown>>(text)).rows[0] ?? {})[0]);
  const outcome = await drain(boss, n, { options: { ...BATCHED, localConcurrency: 1 }, ask });
  await closeBoss(boss);
  await database.close();
  return outcome;
}

export const pgBoss: Subject = { lifecycle: lifecycle(single), create, latency: idleLatency };
export const pgBossBatched: Subject = { lifecycle: lifecycle(() => BATCHED) };
export const pgBossPglite: Subject = { lifecycle: embedded };
