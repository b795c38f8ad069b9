import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPglite } from '../adapters/pglite/index.ts';
import { openPostgres } from '../adapters/postgres/index.ts';
import type { DatabaseHandle } from '../ports/database.ts';
import { createEmptyPostgres, engines, type Engine } from '../testing/index.ts';
import { listMigrations, migrate } from './migrate.ts';

interface EmptyDatabase {
  handle: DatabaseHandle;
  url: string | null;
  close(): Promise<void>;
}

async function openEmpty(engine: Engine): Promise<EmptyDatabase> {
  if (engine === 'pglite') {
    const handle = await openPglite({ dataDir: 'memory://' });
    return { handle, url: null, close: () => handle.close() };
  }
  const { url, drop } = await createEmptyPostgres();
  const handle = await openPostgres({ url });
  const close = async (): Promise<void> => {
    await handle.close();
    await drop();
  };
  return { handle, url, close };
}

describe.each(engines())('migrations on %s', (engine) => {
  let database: EmptyDatabase;
  let path: string;
  let folder: URL;
  const write = (name: string, text: string): Promise<void> => writeFile(join(path, name), text);

  beforeEach(async () => {
    database = await openEmpty(engine);
    path = await mkdtemp(join(tmpdir(), 'tidemark-migrations-'));
    folder = pathToFileURL(`${path}/`);
    await write('0001-one.sql', 'create table one (id int);\ninsert into one values (1);');
    await write('0002-two.sql', 'create table two (id int);');
  });
  afterEach(async () => {
    await database.close();
    await rm(path, { recursive: true });
  });

  it('carry the secret a platform had before into its row', async () => {
    const all = await listMigrations();
    for (const name of ['0001-one.sql', '0002-two.sql']) await rm(join(path, name));
    for (const { name, text } of all.filter((known) => known.name < '0038')) await write(name, text);
    await migrate(database.handle, folder);
    const { db } = database.handle;
    await sql`insert into platform (key, connector, url, secret, timeout_ms, max_attempts, missed_after_seconds, result_timeout_seconds, honours_idempotency_key, is_paused)
      select key, 'webhook', 'https://example.com', 'new', 1, 1, 1, 1, false, false from unnest(array['tiktok', 'other']) as key`.execute(
      db,
    );
    await sql`insert into setting (key, value) values ('platform_previous_secret.tiktok', '{"secret":"old","until":"2030-01-01T00:00:00Z"}'),
      ('platform_previous_secret.youtube', '{"secret":"of none","until":"2030-01-01T00:00:00Z"}')`.execute(db);
    await migrate(database.handle);
    const { rows } = await sql`select key, secret, previous_secret, previous_secret_until from platform order by key`.execute(db);
    expect(rows).toEqual([
      { key: 'other', secret: 'new', previous_secret: null, previous_secret_until: null },
      { key: 'tiktok', secret: 'new', previous_secret: 'old', previous_secret_until: '2030-01-01T00:00:00.000Z' },
    ]);
    expect((await sql`select 1 from setting where key like 'platform%'`.execute(db)).rows).toEqual([]);
  });

  it('bring an empty database to the schema of the code, once', async () => {
    const names = (await listMigrations()).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(await migrate(database.handle)).toEqual(names);
    expect(await migrate(database.handle)).toEqual([]);
  });

  it('apply only what is new', async () => {
    expect(await migrate(database.handle, folder)).toEqual(['0001-one.sql', '0002-two.sql']);
    await write('0003-three.sql', 'create table three (id int);');
    expect(await migrate(database.handle, folder)).toEqual(['0003-three.sql']);
  });

  it('leave nothing of a file that fails, and keep those before it', async () => {
    await write('0002-two.sql', 'create table two (id int); select nothing;');
    await expect(migrate(database.handle, folder)).rejects.toMatchObject({ code: '42703' });
    const { rows } = await sql`select to_regclass('one')::text as one, to_regclass('two')::text as two`.execute(database.handle.db);
    expect(rows).toEqual([{ one: 'one', two: null }]);
    await write('0002-two.sql', 'create table two (id int);');
    expect(await migrate(database.handle, folder)).toEqual(['0002-two.sql']);
  });

  it('refuse a file that changed after it was applied', async () => {
    await migrate(database.handle, folder);
    await write('0001-one.sql', 'create table one (id bigint);');
    await expect(migrate(database.handle, folder)).rejects.toThrow('0001-one.sql has changed');
  });

  it('refuse a database that is newer than the code', async () => {
    await migrate(database.handle, folder);
    await rm(join(path, '0002-two.sql'));
    await expect(migrate(database.handle, folder)).rejects.toThrow('newer than this version');
  });

  it('refuse a file numbered below one already applied', async () => {
    await migrate(database.handle, folder);
    await write('0001-earlier.sql', 'select 1;');
    await expect(migrate(database.handle, folder)).rejects.toThrow('comes before');
  });

  it.runIf(engine === 'postgres')('are applied once when several servers start together', async () => {
    const others = await Promise.all([1, 2, 3].map(() => openPostgres({ url: database.url ?? '', writerSlots: 0 })));
    const applied = await Promise.all([database.handle, ...others].map((handle) => migrate(handle, folder)));
    expect(applied.flat().toSorted()).toEqual(['0001-one.sql', '0002-two.sql']);
    expect((await sql`select id from one`.execute(database.handle.db)).rows).toEqual([{ id: 1 }]);
    await Promise.all(others.map((handle) => handle.close()));
  });
});
