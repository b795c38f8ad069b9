import { resolve } from 'node:path';
import { sql, type Kysely } from 'kysely';
import pg from 'pg';
import { COLUMN_TYPES } from '../../db/column-types.ts';
import { LocalWake } from '../../db/local-wake.ts';
import { SILENT_LOGGER, type DatabaseLogger } from '../../db/logger.ts';
import { openKysely } from '../../db/open-kysely.ts';
import { poolRunner } from '../../db/statement.ts';
import { ping } from '../../db/ping.ts';
import type { Database } from '../../db/schema.ts';
import type { DatabaseHandle } from '../../ports/database.ts';
import { lockDirectory } from './lock.ts';
import { SessionPlans } from './session-plans.ts';
import { ThreadHost } from './thread-host.ts';
import { PgliteWriter } from './writer.ts';

export interface OpenPgliteOptions {
  /** A directory, made when missing; `memory://` keeps everything in memory. */
  readonly dataDir: string;
  readonly logger?: DatabaseLogger;
  /** What `dump` of another database returned, to start from. */
  readonly template?: Uint8Array<ArrayBuffer>;
}

export interface PgliteHandle extends DatabaseHandle {
  /** Tar of the data directory; nothing may be running. */
  dump(): Promise<Uint8Array<ArrayBuffer>>;
  /** Ends the database's thread at once, as a crash would. */
  kill(): Promise<void>;
}

/** How long a call waits for the one connection: also how long the outer handle, misused inside a transaction, hangs. */
const CONNECTION_WAIT_MS = 15_000;

const SETTINGS: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO,MDY',
  'tidemark.writer_slot': '0',
};

/**
 * Nothing vacuums or analyses here by itself, nor counts what changed: every table is visited, the unchanged ones in passing
 * (20 ms beside 200,000 rows). A statement per table, so that others get their turn between them.
 */
async function vacuumTables(db: Kysely<Database>): Promise<void> {
  const { rows } = await sql<{ name: string }>`select relname as name from pg_stat_user_tables order by relname`.execute(db);
  for (const { name } of rows) await sql`vacuum (analyze) ${sql.table(name)}`.execute(db);
}

/**
 * Opens the embedded database: PostgreSQL in a thread, one connection that everything takes turns on. Safe against a killed
 * process; PGlite never syncs to disk, so not against a power cut.
 * @throws UNAVAILABLE when another process has the directory, or it cannot be opened.
 */
export async function openPglite(options: OpenPgliteOptions): Promise<PgliteHandle> {
  const { logger = SILENT_LOGGER, template = null } = options;
  const isInMemory = options.dataDir.startsWith('memory://');
  const dataDir = isInMemory ? options.dataDir : resolve(options.dataDir);
  const lock = isInMemory ? null : lockDirectory(dataDir);
  const host = new ThreadHost({ data_dir: dataDir, settings: SETTINGS, template }, logger);
  try {
    await host.start();
  } catch (error) {
    lock?.release();
    throw error;
  }
  const pool = new pg.Pool({
    stream: () => host.openStream(),
    user: 'postgres',
    database: 'postgres',
    types: COLUMN_TYPES,
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: CONNECTION_WAIT_MS,
  });
  pool.on('error', (error) => logger.warn({ err: error }, 'the connection to the embedded database was lost'));
  // A client in use reports its loss through the query as well; without a listener the event would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const plans = new SessionPlans();
  const db = openKysely({ pool, answerTimeoutMs: null, prepare: (client) => plans.use(client, 'free') });

  const shutDown = async (): Promise<void> => {
    try {
      await db.destroy();
      // Kysely ends a pool only once it has used it.
      if (!pool.ending) await pool.end();
    } finally {
      await host.close();
      lock?.release();
    }
  };
  let closing: Promise<void> | null = null;

  return {
    capabilities: { engine: 'pglite', is_power_loss_safe: false, has_autovacuum: false, is_shared: false },
    db,
    reader: poolRunner(pool, null),
    writers: [new PgliteWriter(pool, plans)],
    wake: new LocalWake(),
    ping: (timeoutMs) => ping(db, timeoutMs),
    maintain: () => vacuumTables(db),
    dump: () => host.dump(),
    kill: () => host.kill(),
    close: () => (closing ??= shutDown()),
  };
}
