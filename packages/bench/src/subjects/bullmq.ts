import { createPostgresBackend, Queue, Worker, withBackend } from 'bullmq';
import type { Job } from 'bullmq';
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { settle } from '../machine/postgres.ts';
import type { Perform, Subject, TrialRequest } from '../trial.ts';
import { payloadOf } from './payload.ts';
import { differs, Tally } from './tally.ts';
import { inFlight, latency, rate, waitFor } from './timing.ts';

const BATCH = 1000;
const POOL = 20;

/** The part of BullMQ's queue and worker both backends share. */
interface QueuePart {
  add(name: string, data: unknown): Promise<unknown>;
  addBulk(jobs: { name: string; data: unknown }[]): Promise<unknown>;
  getJobCounts(...types: ('completed' | 'wait')[]): Promise<Record<string, number>>;
  obliterate(options: { force: boolean }): Promise<void>;
  close(): Promise<void>;
}
interface WorkerPart {
  on(event: 'completed', listener: (job: { id?: string | undefined }) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  close(force?: boolean): Promise<void>;
}

type Handle = (job: Job<{ n: number }>) => Promise<void>;

interface Backend {
  queue(): Promise<QueuePart>;
  worker(concurrency: number, handle: Handle): WorkerPart;
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Redis with an append-only file synced every second, as BullMQ's documentation asks: a crash may lose a second. */
function onRedis({ redis_url }: TrialRequest): Backend {
  if (redis_url === null) throw new Error('BullMQ on Redis needs a redis-server, or BENCH_REDIS');
  const name = `bench-${randomUUID()}`;
  const connections: Redis[] = [];
  const connect = (): Redis => {
    const connection = new Redis(redis_url, { maxRetriesPerRequest: null });
    connections.push(connection);
    return connection;
  };
  return {
    queue: async () => {
      const queue = new Queue(name, { connection: connect() });
      await queue.waitUntilReady();
      return queue;
    },
    worker: (concurrency, handle) => new Worker<{ n: number }>(name, handle, { connection: connect(), concurrency }),
    settle: () => Promise.resolve(),
    close: async () => {
      for (const connection of connections) await connection.quit();
    },
  };
}

function onPostgres({ postgres_url }: TrialRequest): Backend {
  const { Queue: PgQueue, Worker: PgWorker } = withBackend(createPostgresBackend);
  const connection = { connectionString: postgres_url, max: POOL };
  return {
    queue: async () => {
      const queue = new PgQueue('bench', { connection: { ...connection, migrate: true } });
      await queue.waitUntilReady();
      return queue;
    },
    worker: (concurrency, handle) => new PgWorker<{ n: number }>('bench', handle, { connection, concurrency }),
    settle: () => settle(postgres_url),
    close: () => Promise.resolve(),
  };
}

function batchOf(start: number, size: number): { name: string; data: unknown }[] {
  return Array.from({ length: size }, (_, index) => ({ name: 'bench', data: payloadOf(start + index) }));
}

function lifecycle(open: (request: TrialRequest) => Backend): Perform {
  return async (request) => {
    const { n, agents } = request.trial.params;
    const backend = open(request);
    const queue = await backend.queue();
    for (let done = 0; done < n; done += BATCH) await queue.addBulk(batchOf(done, Math.min(BATCH, n - done)));
    await backend.settle();
    const started = new Tally(n);
    const ended = new Tally(n);
    let worker: WorkerPart | undefined;
    const measure = await rate('jobs/s', n, async () => {
      worker = backend.worker(agents, (job) => {
        started.take(String(job.id));
        return Promise.resolve();
      });
      worker.on('error', (error) => process.stderr.write(`bullmq: ${error.message}\n`));
      // Emitted once the store has answered the completion.
      worker.on('completed', (job) => ended.take(String(job.id)));
      await waitFor('the last BullMQ completion', () => ended.isFull);
    });
    const counts = await queue.getJobCounts('completed');
    await worker?.close();
    await queue.obliterate({ force: true });
    await queue.close();
    await backend.close();
    return {
      measures: [measure],
      problems: [...started.problems(), ...ended.problems(), ...differs('completed jobs', counts['completed'] ?? 0, n)],
    };
  };
}

function create(open: (request: TrialRequest) => Backend): Perform {
  return async (request) => {
    const { n, agents, lease } = request.trial.params;
    const backend = open(request);
    const queue = await backend.queue();
    await backend.settle();
    const measure = await rate('jobs/s', n, () =>
      inFlight(agents, n / lease, (index) =>
        lease === 1 ? queue.add('bench', payloadOf(index)) : queue.addBulk(batchOf(index * lease, lease)),
      ),
    );
    const counts = await queue.getJobCounts('wait');
    await queue.obliterate({ force: true });
    await queue.close();
    await backend.close();
    return { measures: [measure], problems: differs('stored jobs', counts['wait'] ?? 0, n) };
  };
}

function idleLatency(open: (request: TrialRequest) => Backend): Perform {
  return async (request) => {
    const backend = open(request);
    const queue = await backend.queue();
    const started = new Map<number, (at: number) => void>();
    const worker = backend.worker(1, (job) => {
      started.get(job.data.n)?.(performance.now());
      return Promise.resolve();
    });
    worker.on('error', (error) => process.stderr.write(`bullmq: ${error.message}\n`));
    await worker.waitUntilReady();
    const samples: number[] = [];
    for (let index = 0; index < request.trial.params.n; index += 1) {
      const start = performance.now();
      const handed = new Promise<number>((resolve) => started.set(index, resolve));
      await queue.add('bench', payloadOf(index));
      samples.push((await handed) - start);
      await new Promise((resolve) => setTimeout(resolve, 5 + (index % 10)));
    }
    await worker.close();
    await queue.obliterate({ force: true });
    await queue.close();
    await backend.close();
    return { measures: [latency(samples)], problems: [] };
  };
}

function subjectOn(open: (request: TrialRequest) => Backend): Subject {
  return { lifecycle: lifecycle(open), create: create(open), latency: idleLatency(open) };
}

export const bullmqRedis: Subject = subjectOn(onRedis);
export const bullmqPostgres: Subject = subjectOn(onPostgres);
