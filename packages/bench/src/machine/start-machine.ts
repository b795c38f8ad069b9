import { startPostgres, startRedis, findRedis } from '@tidemark/core/testing';
import type { TestServer } from '@tidemark/core/testing';
import { withClient } from './postgres.ts';

/** The services of one run. */
export interface Machine {
  readonly postgres_url: string;
  /** Null when the machine has no Redis: its subjects are left out, and the run says so. */
  readonly redis_url: string | null;
  stop(): Promise<void>;
}

/** As a small production server would be set up; everything else is PostgreSQL's default, fsync included. */
const SETTINGS = ["shared_buffers = '1GB'", "max_wal_size = '8GB'", 'max_connections = 300'];

async function startTunedPostgres(): Promise<TestServer> {
  const server = await startPostgres();
  await withClient(server.url, async (client) => {
    for (const setting of SETTINGS) await client.query(`alter system set ${setting}`);
  });
  await server.restart();
  return server;
}

/** Throw-away servers, or those named in BENCH_PG (a superuser's URL) and BENCH_REDIS. */
export async function startMachine(env: Readonly<Record<string, string | undefined>>): Promise<Machine> {
  const started: TestServer[] = [];
  const own = async (server: Promise<TestServer>): Promise<string> => {
    started.push(await server);
    return (await server).url;
  };
  const postgresUrl = env['BENCH_PG'] ?? (await own(startTunedPostgres()));
  const redisUrl = env['BENCH_REDIS'] ?? (findRedis() === null ? null : await own(startRedis()));
  return {
    postgres_url: postgresUrl,
    redis_url: redisUrl,
    stop: async () => {
      await Promise.all(started.map((server) => server.stop()));
    },
  };
}
