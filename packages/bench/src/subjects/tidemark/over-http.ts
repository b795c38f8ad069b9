import { openPostgres } from '@tidemark/core/adapters/postgres';
import type { ClaimOutput, ReportOutput } from '@tidemark/core/jobs/contract';
import type { RegisterWorkerOutput } from '@tidemark/core/workers/contract';
import { settle } from '../../machine/postgres.ts';
import type { Outcome, Perform, TrialRequest } from '../../trial.ts';
import { payloadOf } from '../payload.ts';
import { Tally } from '../tally.ts';
import { latency, rate } from '../timing.ts';
import { HttpConnection } from './http-connection.ts';
import { KIND, workerInput } from './open-engine.ts';
import { runAgents } from './run-agents.ts';
import type { Agent, Progress } from './run-agents.ts';
import { startServer } from './start-server.ts';
import type { ServerProcess } from './start-server.ts';
import { verify } from './verify.ts';
import type { Expected } from './verify.ts';

const BATCH = 1000;
/** Connections that fill the queue before the clock starts. */
const PRELOADING = 2;

interface Rpc<Data> {
  readonly result: { readonly data: Data };
}

async function call<Data>(connection: HttpConnection, procedure: string, input: unknown): Promise<Data> {
  return (await connection.post<Rpc<Data>>(`/trpc/${procedure}`, input)).result.data;
}

function itemsOf(start: number, count: number): { kind: string; payload: object }[] {
  return Array.from({ length: count }, (_, index) => ({ kind: KIND, payload: payloadOf(start + index) }));
}

async function verifyStored(url: string, expected: Expected): Promise<string[]> {
  const database = await openPostgres({ url, writerSlots: 1, readers: 1 });
  try {
    return await verify(database, expected);
  } finally {
    await database.close();
  }
}

async function withServer(
  request: TrialRequest,
  work: (server: ServerProcess, connections: HttpConnection[]) => Promise<Outcome>,
): Promise<Outcome> {
  const server = await startServer(request);
  const connections: HttpConnection[] = [];
  try {
    for (let index = 0; index < request.trial.params.agents; index += 1)
      connections.push(await HttpConnection.open(server.url, server.key));
    return await work(server, connections);
  } finally {
    for (const connection of connections) connection.close();
    await server.stop();
  }
}

/** Makes `count` calls, one at a time on each connection. */
async function overAll(
  connections: readonly HttpConnection[],
  count: number,
  make: (connection: HttpConnection, index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const submit = async (connection: HttpConnection): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await make(connection, index);
    }
  };
  await Promise.all(connections.map(submit));
}

async function registerAgents(connections: readonly HttpConnection[]): Promise<Agent[]> {
  const agents: Agent[] = [];
  for (const [index, connection] of connections.entries()) {
    const { worker_id } = await call<RegisterWorkerOutput>(connection, 'workers.register', workerInput(index));
    agents.push({ worker_id, report: (input) => call<ReportOutput>(connection, 'jobs.report', input) });
  }
  return agents;
}

/** Agents in this process, the server in another; each agent has a connection of its own. */
export const httpLifecycle: Perform = (request) =>
  withServer(request, async (_server, connections) => {
    const { n, lease } = request.trial.params;
    await overAll(connections.slice(0, PRELOADING), Math.ceil(n / BATCH), (connection, index) =>
      call(connection, 'workloads.createMany', { items: itemsOf(index * BATCH, Math.min(BATCH, n - index * BATCH)) }),
    );
    const agents = await registerAgents(connections);
    await settle(request.postgres_url);
    const progress: Progress = { tally: new Tally(n), completed: 0, problems: [] };
    const measure = await rate('jobs/s', n, () => runAgents(agents, lease, progress));
    const wrong = await verifyStored(request.postgres_url, { created: n, completed: n, events: 3 * n });
    return { measures: [measure], problems: [...progress.tally.problems(), ...progress.problems.slice(0, 3), ...wrong] };
  });

export const httpCreate: Perform = (request) =>
  withServer(request, async (_server, connections) => {
    const { n, lease } = request.trial.params;
    const [first] = connections;
    if (first !== undefined) await call(first, 'workloads.create', itemsOf(0, 1)[0]);
    await settle(request.postgres_url);
    const measure = await rate('jobs/s', n, () =>
      overAll(connections, n / lease, (connection, index) =>
        lease === 1
          ? call(connection, 'workloads.create', itemsOf(index, 1)[0])
          : call(connection, 'workloads.createMany', { items: itemsOf(index * lease, lease) }),
      ),
    );
    return { measures: [measure], problems: await verifyStored(request.postgres_url, { created: n + 1, completed: 0, events: n + 1 }) };
  });

/** From the request that creates until the answer of an agent's long poll, one job at a time. */
export const httpLatency: Perform = (request) =>
  withServer(request, async (_server, connections) => {
    const { n } = request.trial.params;
    const [producer, consumer] = connections;
    if (producer === undefined || consumer === undefined) throw new Error('this needs two connections');
    const { worker_id } = await call<RegisterWorkerOutput>(consumer, 'workers.register', workerInput(0));
    const started = new Map<number, (at: number) => void>();
    const tally = new Tally(n);
    const serve = async (): Promise<void> => {
      while (!tally.isFull) {
        const { jobs } = await call<ClaimOutput>(consumer, 'jobs.claim', { worker_id, max: 1, wait_ms: 20_000 });
        const at = performance.now();
        for (const job of jobs) {
          tally.take(job.job_id);
          started.get((job.payload as { n: number }).n)?.(at);
          await call(consumer, 'jobs.report', {
            worker_id,
            items: [{ op: 'complete', job_id: job.job_id, lease_epoch: job.lease_epoch, exit_code: 0 }],
          });
        }
      }
    };
    const serving = serve();
    const samples: number[] = [];
    for (let index = 0; index < n; index += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5 + (index % 10)));
      const start = performance.now();
      const handed = new Promise<number>((resolve) => started.set(index, resolve));
      await call(producer, 'workloads.create', itemsOf(index, 1)[0]);
      samples.push((await handed) - start);
    }
    await serving;
    return {
      measures: [latency(samples)],
      problems: [...tally.problems(), ...(await verifyStored(request.postgres_url, { created: n, completed: n, events: 3 * n }))],
    };
  });
