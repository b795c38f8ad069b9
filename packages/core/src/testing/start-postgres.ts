import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { ChildServer, freePort, runToEnd, unprivilegedIdentity } from './child-server.ts';
import { findPostgres } from './find-binaries.ts';

export interface TestServer {
  readonly url: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** Ends it in an orderly way, breaking every connection, and starts it again on the same port and data. */
  restart(): Promise<void>;
  /** Ends it at once, as a crash would; `restart` brings it back. */
  kill(): Promise<void>;
}

export interface StartPostgresOptions {
  /** False is faster and unlike production. */
  readonly isDurable?: boolean;
}

async function isAnswering(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Starts a throw-away PostgreSQL on a free port of the loopback. @throws when the machine has no PostgreSQL. */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<TestServer> {
  const bin = findPostgres();
  if (bin === null) throw new Error('no PostgreSQL binaries found: install postgresql, or put its bin folder on PATH');
  const identity = unprivilegedIdentity();
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-postgres-'));
  if (identity !== undefined) await chown(folder, identity.uid, identity.gid);
  const data = join(folder, 'data');
  const init = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  await runToEnd({ program: join(bin, 'initdb'), args: init, identity, cwd: folder });

  const port = await freePort();
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', 'max_connections=200', 'shared_buffers=64MB'];
  if (options.isDurable === false) settings.push('fsync=off', 'full_page_writes=off');
  const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  const server = new ChildServer({ program: join(bin, 'postgres'), args, identity, cwd: folder }, () => isAnswering(url));
  await server.start();
  return {
    url,
    stop: async () => {
      await server.stop('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
    restart: async () => {
      await server.stop('SIGINT');
      await server.start();
    },
    kill: () => server.stop('SIGQUIT'),
  };
}
