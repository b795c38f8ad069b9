import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createMigratedPostgres,
  dumpMigratedPglite,
  engines,
  POSTGRES_TEMPLATE_VARIABLE,
  TEMPLATE_VARIABLE,
} from './create-test-database.ts';
import { findPostgres, findRedis } from './find-binaries.ts';
import { startPostgres, type TestServer } from './start-postgres.ts';
import { startRedis } from './start-redis.ts';

interface SharedServer {
  readonly variable: string;
  readonly find: () => string | null;
  readonly start: () => Promise<TestServer>;
  readonly absence: string;
}

const SERVERS: readonly SharedServer[] = [
  {
    variable: 'TEST_DATABASE_URL',
    find: findPostgres,
    start: () => startPostgres(),
    absence: 'not run: postgres suites (no PostgreSQL binaries found)',
  },
  { variable: 'TEST_REDIS_URL', find: findRedis, start: startRedis, absence: 'not run: redis suites (no redis-server found)' },
];

/**
 * Vitest's global set-up: one PostgreSQL and one Redis for the whole run, each with a migrated database to copy, and a migrated PGlite. Test processes
 * inherit their places as TEST_DATABASE_URL and TEST_REDIS_URL; servers that are named there already are used as they are.
 */
export default async function setUp(): Promise<() => Promise<void>> {
  const started: TestServer[] = [];
  const absences: string[] = [];
  for (const { variable, find, start, absence } of SERVERS) {
    if ((process.env[variable] ?? '') !== '') continue;
    if (find() === null) {
      absences.push(absence);
      continue;
    }
    const server = await start();
    started.push(server);
    process.env[variable] = server.url;
  }
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-template-'));
  const template = join(folder, 'migrated.tar');
  await writeFile(template, await dumpMigratedPglite());
  process.env[TEMPLATE_VARIABLE] = template;
  const model = engines().includes('postgres') ? await createMigratedPostgres() : null;
  if (model !== null) process.env[POSTGRES_TEMPLATE_VARIABLE] = model.name;
  // After the reporter's summary, so that what did not run is the last thing said.
  process.once('exit', () => absences.forEach((line) => process.stdout.write(`${line}\n`)));
  return async () => {
    await model?.drop();
    await Promise.all(started.map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  };
}
