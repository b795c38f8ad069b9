import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { ChildServer, freePort } from './child-server.ts';
import { findRedis } from './find-binaries.ts';
import type { TestServer } from './start-postgres.ts';

async function isAnswering(url: string): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.ping();
  } finally {
    client.disconnect();
  }
}

/** Starts a throw-away Redis on a free port of the loopback; it keeps an append-only file. @throws when the machine has no Redis. */
export async function startRedis(): Promise<TestServer> {
  const program = findRedis();
  if (program === null) throw new Error('no redis-server found: install redis-server, or name the program in REDIS');
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'yes'];
  const server = new ChildServer({ program, args, cwd: folder }, () => isAnswering(url));
  await server.start();
  return {
    url,
    stop: async () => {
      await server.stop('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
    restart: async () => {
      await server.stop('SIGTERM');
      await server.start();
    },
    kill: () => server.stop('SIGKILL'),
  };
}
