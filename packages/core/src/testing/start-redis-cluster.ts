import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { ChildServer, freePort, waitUntil } from './child-server.ts';
import { findRedis } from './find-binaries.ts';

const MASTERS = 3;
const SLOTS = 16_384;

export interface TestCluster {
  /** Any of its nodes. */
  readonly url: string;
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

async function ask<Result>(port: number, question: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = new Redis({ port, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}

/** Starts a throw-away Redis Cluster of three masters on free ports of the loopback. @throws when the machine has no Redis. */
export async function startRedisCluster(): Promise<TestCluster> {
  const program = findRedis();
  if (program === null) throw new Error('no redis-server found: install redis-server, or name the program in REDIS');
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-cluster-'));
  const ports: { port: number; bus: number }[] = [];
  for (let at = 0; at < MASTERS; at += 1) ports.push({ port: await freePort(), bus: await freePort() });
  const servers = ports.map(({ port, bus }) => {
    const own = ['--port', String(port), '--cluster-port', String(bus), '--cluster-config-file', `nodes-${port}.conf`];
    const shared = ['--bind', '127.0.0.1', '--save', '', '--cluster-enabled', 'yes', '--dir', folder];
    return new ChildServer({ program, args: [...own, ...shared], cwd: folder }, () =>
      ask(port, async (redis) => void (await redis.ping())),
    );
  });
  await Promise.all(servers.map((server) => server.start()));
  for (const [at, { port }] of ports.entries()) {
    const range = [Math.floor((at * SLOTS) / MASTERS), Math.floor(((at + 1) * SLOTS) / MASTERS) - 1];
    await ask(port, (redis) => redis.call('CLUSTER', 'ADDSLOTSRANGE', ...range));
    if (at > 0)
      await ask(ports[0]?.port ?? 0, (redis) => redis.call('CLUSTER', 'MEET', '127.0.0.1', String(port), String(ports[at]?.bus ?? 0)));
  }
  await waitUntil(async () => {
    for (const { port } of ports) {
      const info = await ask(port, (redis) => redis.cluster('INFO'));
      if (!info.includes('cluster_state:ok') || !info.includes(`cluster_known_nodes:${MASTERS}`)) throw new Error('not yet');
    }
  });
  const urls = ports.map(({ port }) => `redis://127.0.0.1:${port}`);
  return {
    url: urls[0] ?? '',
    urls,
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop('SIGKILL')));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
