import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedis, freePort, waitUntil } from '@tidemark/core/testing';
import { createHandlerExecutors, type Executor } from '@tidemark/sdk/agent';
import { startJob } from '@tidemark/sdk/testing';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scanHandler } from './run-scan.ts';

const [executor] = createHandlerExecutors({ scan: scanHandler }) as [Executor];
const program = findRedis();

describe.runIf(program !== null)('a scan of a Redis cluster', () => {
  const servers: ChildProcess[] = [];
  const ports: number[] = [];
  let folder: string;

  const ask = async <Answer>(port: number, call: (redis: Redis) => Promise<Answer>): Promise<Answer> => {
    const redis = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null });
    redis.on('error', () => undefined);
    try {
      await redis.connect();
      return await call(redis);
    } finally {
      redis.disconnect();
    }
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-cluster-'));
    const buses: number[] = [];
    for (let at = 0; at < 2; at += 1) {
      const [port, bus] = [await freePort(), await freePort()];
      ports.push(port);
      buses.push(bus);
      const own = ['--port', String(port), '--cluster-port', String(bus), '--cluster-config-file', `nodes-${port}.conf`];
      const shared = ['--bind', '127.0.0.1', '--save', '', '--cluster-enabled', 'yes', '--dir', folder];
      servers.push(spawn(program ?? '', [...own, ...shared], { stdio: 'ignore' }));
    }
    const [first = 0, second = 0] = ports;
    await waitUntil(async () => {
      for (const port of ports) await ask(port, (redis) => redis.ping());
    });
    await ask(first, (redis) => redis.call('CLUSTER', 'ADDSLOTSRANGE', 0, 8191));
    await ask(second, (redis) => redis.call('CLUSTER', 'ADDSLOTSRANGE', 8192, 16_383));
    await ask(first, (redis) => redis.call('CLUSTER', 'MEET', '127.0.0.1', second, buses[1] ?? 0));
    await waitUntil(async () => {
      for (const port of ports) expect(await ask(port, (redis) => redis.cluster('INFO'))).toContain('cluster_state:ok');
    });
  });
  afterAll(async () => {
    for (const server of servers) {
      const exited = once(server, 'exit');
      server.kill('SIGKILL');
      await exited;
    }
    await rm(folder, { recursive: true, force: true });
  });

  test('every master is walked, whichever node the URL names', async () => {
    const cluster = new Cluster(ports.map((port) => ({ host: '127.0.0.1', port })));
    for (let at = 0; at < 2000; at += 1) await cluster.set(`k:${at}`, 'v');
    cluster.disconnect();
    const sizes = await Promise.all(ports.map((port) => ask(port, (redis) => redis.dbsize())));
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    for (const port of ports) {
      const job = startJob(executor, { redis_url: `redis://127.0.0.1:${port}`, count: 100 });
      const outcome = await job.outcome;
      expect(JSON.parse(outcome.output ?? '')).toMatchObject({
        masters: 2,
        keys: 2000,
        dbsize_after: 2000,
        vanished: 0,
        types: { string: 2000 },
      });
    }
  });
});
