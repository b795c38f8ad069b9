import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { sql, type Kysely, type Transaction } from 'kysely';
import { AppError } from '../errors.ts';
import type { DatabaseHandle } from '../ports/database.ts';
import type { Database } from './schema.ts';

const MIGRATIONS = new URL('./migrations/', import.meta.url);
const FILE_NAME = /^\d{4}-[a-z0-9-]+\.sql$/;
/** Advisory lock that servers starting together take turns on. */
const MIGRATION_LOCK = 1_953_064_038;

export interface Migration {
  /** File name; the order of names is the order of application. */
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
}

interface RecordedMigration {
  name: string;
  checksum: string;
}

/** The migrations this version of the code knows, in order. */
export async function listMigrations(folder: URL = MIGRATIONS): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => FILE_NAME.test(name)).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), 'utf8');
      return { name, text, checksum: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

function refuse(message: string): AppError {
  return new AppError('CONFLICT', message);
}

/** The first migration not yet applied, or null. @throws CONFLICT when the database is not a past of this code. */
function findNext(known: readonly Migration[], recorded: readonly RecordedMigration[]): Migration | null {
  const byName = new Map(known.map((migration) => [migration.name, migration]));
  for (const { name, checksum } of recorded) {
    const migration = byName.get(name);
    if (migration === undefined) {
      throw refuse(
        `The database is newer than this version of Tidemark: it has the migration ${name}. Start the newer version, or restore a backup.`,
      );
    }
    if (migration.checksum !== checksum) {
      throw refuse(
        `The migration ${name} has changed since it was applied to this database. Restore its file; changes go into a new migration.`,
      );
    }
  }
  const applied = new Set(recorded.map(({ name }) => name));
  const next = known.find(({ name }) => !applied.has(name)) ?? null;
  const last = recorded.at(-1)?.name ?? '';
  if (next !== null && next.name < last) {
    throw refuse(`The migration ${next.name} comes before ${last}, which is applied already. Give it a higher number.`);
  }
  return next;
}

async function readRecorded(trx: Transaction<Database>): Promise<RecordedMigration[]> {
  await sql`
    create table if not exists migration (
      name text primary key,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`.execute(trx);
  const { rows } = await sql<RecordedMigration>`select name, checksum from migration order by name collate "C"`.execute(trx);
  return rows;
}

/** Applies one migration in a transaction of its own that keeps other servers out. Null when there was none left. */
async function applyNext(db: Kysely<Database>, known: readonly Migration[]): Promise<string | null> {
  return db.transaction().execute(async (trx) => {
    // A migration, or waiting for another server's, may take longer than a query may.
    await sql`set local statement_timeout = 0`.execute(trx);
    await sql`set local client_min_messages = warning`.execute(trx);
    await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(trx);
    const next = findNext(known, await readRecorded(trx));
    if (next === null) return null;
    await sql.raw(next.text).execute(trx);
    await sql`insert into migration (name, checksum) values (${next.name}, ${next.checksum})`.execute(trx);
    return next.name;
  });
}

/**
 * Brings the database to the schema of this code: forward only, each file in one transaction. Servers that start together
 * take turns; running it again applies nothing. Returns the names applied, in order.
 * @throws CONFLICT when the database is newer than the code, or an applied file has changed.
 */
export async function migrate(handle: Pick<DatabaseHandle, 'db'>, folder: URL = MIGRATIONS): Promise<string[]> {
  const known = await listMigrations(folder);
  const applied: string[] = [];
  for (let name = await applyNext(handle.db, known); name !== null; name = await applyNext(handle.db, known)) applied.push(name);
  return applied;
}
