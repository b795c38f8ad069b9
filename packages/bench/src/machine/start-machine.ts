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
export const BENCH_SETTINGS = ["shared_buffers = '1GB'", "max_wal_size = '8GB'", "min_wal_size = '2GB'", 'max_connections = 300'];

/** Rows of about 1 kB; their log makes the segments that a server which has run for a while would reuse. */
const WARM_UP_ROWS = 600_000;

/** A fresh server makes each log segment anew, which costs whoever writes at that moment: not a subject's doing. */
export async function makeLogSegments(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(`create table warm_up as select repeat(md5(n::text), 30) as text from generate_series(1, ${WARM_UP_ROWS}) as n`);
    await client.query('drop table warm_up');
    await client.query('checkpoint');
  });
}

async function startTunedPostgres(): Promise<TestServer> {
  const server = await startPostgres();
  await withClient(server.url, async (client) => {
    for (const setting of BENCH_SETTINGS) await client.query(`alter system set ${setting}`);
  });
  await server.restart();
  await makeLogSegments(server.url);
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
