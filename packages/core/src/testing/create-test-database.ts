import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { openPglite } from '../adapters/pglite/index.ts';
import { openPostgres } from '../adapters/postgres/index.ts';
import { migrate } from '../db/migrate.ts';
import type { DatabaseHandle } from '../ports/database.ts';

export type Engine = DatabaseHandle['capabilities']['engine'];

export interface TestDatabase {
  readonly handle: DatabaseHandle;
  /** Where a second server of the same database connects; null for PGlite, which admits none. */
  readonly url: string | null;
  close(): Promise<void>;
}

/** Names the file with a migrated PGlite; the global set-up writes it, and it makes each further start five times faster. */
export const TEMPLATE_VARIABLE = 'TIDEMARK_TEST_PGLITE_TEMPLATE';

/** Names the migrated database on the shared PostgreSQL, of which others are copies; the global set-up makes it. */
export const POSTGRES_TEMPLATE_VARIABLE = 'TIDEMARK_TEST_POSTGRES_TEMPLATE';

/** The stores this run can test on, for `describe.each`: PGlite always, PostgreSQL when there is one. */
export function engines(): Engine[] {
  return testPostgresUrl() === null ? ['pglite'] : ['pglite', 'postgres'];
}

function testPostgresUrl(): string | null {
  const url = process.env['TEST_DATABASE_URL'];
  return url === undefined || url === '' ? null : url;
}

/** The Redis of this run, or null when there is none. */
export function testRedisUrl(): string | null {
  const url = process.env['TEST_REDIS_URL'];
  return url === undefined || url === '' ? null : url;
}

/** A migrated PGlite as a tar, to start others from. */
export async function dumpMigratedPglite(): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await openPglite({ dataDir: 'memory://' });
  try {
    await migrate(handle);
    return await handle.dump();
  } finally {
    await handle.close();
  }
}

let ownTemplate: Promise<Uint8Array<ArrayBuffer>> | null = null;

function loadTemplate(): Promise<Uint8Array<ArrayBuffer>> {
  const path = process.env[TEMPLATE_VARIABLE];
  ownTemplate ??= path === undefined || path === '' ? dumpMigratedPglite() : readFile(path).then((bytes) => new Uint8Array(bytes));
  return ownTemplate;
}

/** Runs one command on the shared server, outside the databases the tests use. */
async function administer(url: string, command: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(command);
  } finally {
    await client.end();
  }
}

interface OwnDatabase {
  readonly name: string;
  readonly url: string;
  drop(): Promise<void>;
}

async function createPostgres(template: string): Promise<OwnDatabase> {
  const serverUrl = testPostgresUrl();
  if (serverUrl === null) throw new Error('this run has no PostgreSQL: ask engines() first');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(serverUrl, `create database ${name} template ${template}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { name, url: url.href, drop: () => administer(serverUrl, `drop database if exists ${name} with (force)`) };
}

/** An empty database on the shared PostgreSQL, without the schema. @throws when this run has none. */
export function createEmptyPostgres(): Promise<OwnDatabase> {
  return createPostgres('template1');
}

/** A migrated database on the shared PostgreSQL, to copy others from. */
export async function createMigratedPostgres(): Promise<OwnDatabase> {
  const database = await createEmptyPostgres();
  const handle = await openPostgres({ url: database.url, readers: 1 });
  try {
    await migrate(handle);
  } finally {
    await handle.close();
  }
  return database;
}

/** A fresh, migrated database of its own: one per test file is the right measure. */
export async function createTestDatabase(engine: Engine): Promise<TestDatabase> {
  if (engine === 'pglite') {
    const handle = await openPglite({ dataDir: 'memory://', template: await loadTemplate() });
    return { handle, url: null, close: () => handle.close() };
  }
  const { url, drop } = await createPostgres(process.env[POSTGRES_TEMPLATE_VARIABLE] ?? 'template1');
  const handle = await openPostgres({ url, readers: 4 });
  await migrate(handle);
  return {
    handle,
    url,
    close: async () => {
      await handle.close();
      await drop();
    },
  };
}
