import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { createRequire } from 'node:module';
import { Redis } from 'ioredis';
import type { Machine } from './start-machine.ts';
import { withClient } from './postgres.ts';

const GIB = 1024 ** 3;
const PEERS = ['pg-boss', 'graphile-worker', 'bullmq', 'pg', '@electric-sql/pglite'] as const;

export interface Host {
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory_gb: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  readonly redis: string | null;
  readonly packages: Readonly<Record<string, string>>;
}

function commitOf(folder: string): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}

/** Looks beside the resolved entry for the package.json that names the package. */
function versionOf(name: string): string {
  const entry = createRequire(import.meta.url).resolve(name);
  for (let at = entry.lastIndexOf('/'); at > 0; at = entry.lastIndexOf('/', at - 1)) {
    try {
      const manifest = JSON.parse(readFileSync(`${entry.slice(0, at)}/package.json`, 'utf8')) as { name?: string; version?: string };
      if (manifest.name === name && manifest.version !== undefined) return manifest.version;
    } catch {
      // No manifest in this folder: the next one up.
    }
  }
  return 'unknown';
}

async function redisVersion(url: string | null): Promise<string | null> {
  if (url === null) return null;
  const redis = new Redis(url);
  const found = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown';
  await redis.quit();
  return found;
}

/** What the numbers were measured on. */
export async function describeHost(machine: Machine): Promise<Host> {
  const postgres = await withClient(machine.postgres_url, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version.split(' ')[0] ?? 'unknown';
  });
  return {
    commit: commitOf(import.meta.dirname),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / GIB),
    system: `${process.platform} ${release().split('-')[0] ?? ''}`,
    node: process.versions.node,
    postgres,
    redis: await redisVersion(machine.redis_url),
    packages: Object.fromEntries(PEERS.map((name) => [name, versionOf(name)])),
  };
}
