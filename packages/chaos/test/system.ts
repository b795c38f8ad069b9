import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient, type Client } from '@tidemark/api/client';
import { freePort, SETTLE_ALL, startPostgres, waitUntil } from '@tidemark/core/testing';
import pg from 'pg';
import { Child } from './child.ts';
import { ReplyDropper } from './reply-dropper.ts';

const SERVER = fileURLToPath(new URL('../../../apps/server/src/main.ts', import.meta.url));
const FAULTY_SERVER = fileURLToPath(new URL('./faulty-server.ts', import.meta.url));
const AGENT = fileURLToPath(new URL('../../../apps/worker/src/main.ts', import.meta.url));

export interface SystemOptions {
  readonly servers: number;
  readonly agents: number;
  readonly slots: number;
  /** Servers whose writers do not check lease epochs. */
  readonly isFaulty?: boolean;
  /** Agents are started by the caller. */
  readonly areAgentsLate?: boolean;
}

export interface ServerUnderTest {
  readonly process: Child;
  readonly url: string;
  /** The way agents and the submitting client take. */
  readonly proxy: ReplyDropper;
  readonly proxyUrl: string;
}

export interface AgentUnderTest {
  readonly process: Child;
  readonly name: string;
}

type Postgres = Awaited<ReturnType<typeof startPostgres>>;

/** PostgreSQL, servers and agents as real processes, with a way to break each of them. */
export class System implements AsyncDisposable {
  readonly folder: string;
  readonly postgres: Postgres;
  readonly servers: readonly ServerUnderTest[];
  readonly agents: readonly AgentUnderTest[];

  private constructor(parts: {
    folder: string;
    postgres: Postgres;
    servers: readonly ServerUnderTest[];
    agents: readonly AgentUnderTest[];
  }) {
    this.folder = parts.folder;
    this.postgres = parts.postgres;
    this.servers = parts.servers;
    this.agents = parts.agents;
  }

  static async start(options: SystemOptions): Promise<System> {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-chaos-'));
    const postgres = await startPostgres();
    const servers: ServerUnderTest[] = [];
    const system = (agents: readonly AgentUnderTest[]): System => new System({ folder, postgres, servers, agents });
    try {
      for (let index = 0; index < options.servers; index += 1)
        servers.push(await startServer(folder, postgres.url, { index, isFaulty: options.isFaulty === true }));
      const agents = Array.from({ length: options.agents }, (_, index) =>
        makeAgent({ folder, servers, url: postgres.url }, index, options.slots),
      );
      if (options.areAgentsLate !== true) await Promise.all(agents.map((agent) => agent.process.start()));
      return system(agents);
    } catch (error) {
      await system([])[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The typed client, straight to one server or through its proxy. */
  client(index: number, way: 'direct' | 'proxy' = 'direct'): Client {
    const server = this.servers[index % this.servers.length];
    if (server === undefined) throw new Error('no server');
    return createClient({ url: way === 'proxy' ? server.proxyUrl : server.url, timeout_ms: 10_000 });
  }

  /** What was written by commands, one line each. */
  async witnesses(): Promise<string[]> {
    const text = await readFile(this.witnessPath, 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  }

  get witnessPath(): string {
    return join(this.folder, 'witness');
  }

  /** Lets commands end that wait for the file `gate`. */
  openGate(): Promise<void> {
    return writeFile(join(this.folder, 'gate'), '');
  }

  /** The database's clock in epoch milliseconds: the one that decides. */
  async databaseTime(): Promise<number> {
    const [row] = await this.query<{ ms: number }>('select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms');
    return row?.ms ?? Number.NaN;
  }

  /** Ends the leases that fit a condition now instead of when their time is over, those without a row included. */
  async endLeases(condition: string, values: readonly unknown[] = []): Promise<void> {
    await this.query(SETTLE_ALL.text, SETTLE_ALL.values);
    await this.query(`update lease set expires_at = now() - interval '1 s' where ${condition}`, values);
  }

  query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return query<Row>(this.postgres.url, text, values);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent.process.kill()));
    await Promise.all(this.servers.map((server) => server.process.kill()));
    await Promise.all(this.servers.map((server) => server.proxy.close()));
    await this.postgres.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** One statement on a connection of its own: the rig shares nothing with what it breaks. */
async function query<Row extends pg.QueryResultRow>(url: string, text: string, values: readonly unknown[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function startServer(folder: string, databaseUrl: string, which: { index: number; isFaulty: boolean }): Promise<ServerUnderTest> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const process = new Child({
    args: [which.isFaulty ? FAULTY_SERVER : SERVER],
    env: {
      DATABASE_URL: databaseUrl,
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: join(folder, `server-${which.index}`),
      TIDEMARK_AUTH: 'off',
      LOG_LEVEL: 'warn',
    },
    ready: async () => {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) });
      if (!response.ok) throw new Error(`${response.status}`);
    },
  });
  await process.start();
  const proxy = new ReplyDropper(port);
  return { process, url, proxy, proxyUrl: `http://127.0.0.1:${await proxy.listen()}` };
}

function makeAgent(on: { folder: string; servers: readonly ServerUnderTest[]; url: string }, index: number, slots: number): AgentUnderTest {
  const name = `agent-${index}`;
  const server = on.servers[index % on.servers.length];
  const env = { DATA_DIR: join(on.folder, name), LOG_LEVEL: 'warn' };
  const args = [
    AGENT,
    '--url',
    server?.proxyUrl ?? '',
    '--name',
    name,
    '--slots',
    String(slots),
    '--sandbox',
    'off',
    '--state-dir',
    join(on.folder, name),
  ];
  const ready = async (): Promise<void> => {
    const [row] = await query<{ is_there: boolean }>(
      on.url,
      `select count(*) > 0 as is_there from worker where name = $1 and stopped_at is null and registered_at > to_timestamp($2::float8 / 1000)`,
      [name, agent.startedAt],
    );
    if (row?.is_there !== true) throw new Error(`${name} has not registered yet`);
    // Killed before it noted who it is, it would come back as a stranger with a name that is taken.
    await access(join(on.folder, name, 'worker.json'));
  };
  const agent = new Child({ args, env, ready });
  return { name, process: agent };
}

export { waitUntil };
