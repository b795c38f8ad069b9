import type { Client } from 'pg';
import { readNumber, withClient } from '../../machine/postgres.ts';
import type { Outcome, TrialRequest } from '../../trial.ts';
import { HttpConnection } from './http-connection.ts';
import { workerInput } from './open-engine.ts';
import { startServer } from './start-server.ts';

/** Backends publish what they did within ten seconds of falling idle: what starting took must not count. */
const PUBLISHED_MS = 11_000;

/** The vacuum of the database counts as one that asks. */
async function switchVacuum(client: Client, to: 'on' | 'off'): Promise<void> {
  await client.query(`alter system set autovacuum = ${to}`);
  await client.query('select pg_reload_conf()');
}

/** Transactions per second of a server with one agent in its long poll and nothing to do. `n` is the number of seconds. */
export async function idleServer(request: TrialRequest): Promise<Outcome> {
  const seconds = request.trial.params.n;
  const server = await startServer(request);
  const agent = await HttpConnection.open(server.url, server.key);
  const name = new URL(request.postgres_url).pathname.slice(1);
  const elsewhere = new URL(request.postgres_url);
  elsewhere.pathname = '/postgres';
  const question = `select xact_commit + xact_rollback from pg_stat_database where datname = '${name}'`;
  const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  try {
    const registered = await agent.post<{ result: { data: { worker_id: string } } }>('/trpc/workers.register', workerInput(0));
    const { worker_id } = registered.result.data;
    agent.post('/trpc/jobs.claim', { worker_id, max: 1, wait_ms: 60_000 }).catch(() => undefined);
    return await withClient(elsewhere.href, async (client) => {
      await switchVacuum(client, 'off');
      await rest(PUBLISHED_MS);
      const before = await readNumber(client, question);
      await rest(seconds * 1000);
      const after = await readNumber(client, question);
      await switchVacuum(client, 'on');
      return { measures: [{ value: (after - before) / seconds, unit: 'queries/s', n: after - before }], problems: [] };
    });
  } finally {
    agent.close();
    await server.stop();
  }
}
