import pg from 'pg';
import { COLUMN_TYPES } from '../../db/column-types.ts';
import { asUnavailable } from '../../db/connection-error.ts';
import { SILENT_LOGGER, type DatabaseLogger } from '../../db/logger.ts';
import { openKysely } from '../../db/open-kysely.ts';
import { poolRunner } from '../../db/statement.ts';
import { ping } from '../../db/ping.ts';
import { AppError, invalid } from '../../errors.ts';
import type { DatabaseHandle } from '../../ports/database.ts';
import { PostgresWake } from './wake.ts';
import { PostgresWriter } from './writer.ts';

export interface OpenPostgresOptions {
  readonly url: string;
  /** Dedicated connections for group commit. */
  readonly writerSlots?: number;
  /** Upper bound of the pool behind `db`. */
  readonly readers?: number;
  readonly logger?: DatabaseLogger;
}

/** Connections for named statements that are asked again and again, such as counters. */
const HOT_READERS = 4;
const MIN_SERVER_VERSION = 150_000;
const CONNECT_TIMEOUT_MS = 5000;
const STATEMENT_TIMEOUT_MS = 30_000;
/** Longer than the server's own limit: it only fires when the server or the network went silent. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;
const IDLE_CONNECTION_MS = 60_000;
const KEEP_ALIVE_AFTER_MS = 10_000;

/** The driver lets the URL's parameters win over ours, so what the session needs is added to the URL's own `options`. */
function withSessionOptions(url: string, more: string): string {
  if (!URL.canParse(url)) throw invalid('DATABASE_URL', 'must look like postgresql://user:password@host:5432/database.');
  const parsed = new URL(url);
  const own = parsed.searchParams.get('options');
  parsed.searchParams.set('options', `${own === null ? '' : `${own} `}-c TimeZone=UTC -c DateStyle=ISO,MDY${more}`);
  return parsed.href;
}

/**
 * Hot reads are planned once per connection, for any values: planning them anew would take longer than running them. So the plan of a
 * small table must be the one of a large table: by index.
 */
const PLANNED_ONCE =
  ' -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off';

function connectionConfig(url: string, role: string, more = ''): pg.ClientConfig {
  return {
    connectionString: withSessionOptions(url, more),
    application_name: `tidemark ${role}`,
    types: COLUMN_TYPES,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  };
}

/** Reads what the server is. @throws when it is older than PostgreSQL 15. */
async function readIsPowerLossSafe(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool
    .query<{ version: number; version_text: string; is_safe: boolean }>(
      `select current_setting('server_version_num')::int as version, current_setting('server_version') as version_text,
              current_setting('fsync') = 'on' and current_setting('full_page_writes') = 'on'
                and current_setting('synchronous_commit') <> 'off' as is_safe`,
    )
    .catch((error: unknown) => {
      throw asUnavailable(error);
    });
  const server = rows[0];
  if (server === undefined || server.version < MIN_SERVER_VERSION) {
    throw new AppError(
      'UNAVAILABLE',
      `PostgreSQL 15 or newer is needed; DATABASE_URL leads to ${server?.version_text ?? 'an unknown version'}.`,
    );
  }
  return server.is_safe;
}

/** Connects to a PostgreSQL server (15 or newer). @throws UNAVAILABLE when it cannot be reached or is too old. */
export async function openPostgres(options: OpenPostgresOptions): Promise<DatabaseHandle> {
  const { url, writerSlots = 2, readers = 8, logger = SILENT_LOGGER } = options;
  const pool = new pg.Pool({ ...connectionConfig(url, 'reader'), max: readers, idleTimeoutMillis: IDLE_CONNECTION_MS });
  const hotReads = connectionConfig(url, 'hot reader', PLANNED_ONCE);
  const hotPool = new pg.Pool({ ...hotReads, max: Math.min(HOT_READERS, readers), idleTimeoutMillis: IDLE_CONNECTION_MS });
  for (const each of [pool, hotPool]) {
    each.on('error', (error) => logger.warn({ err: error }, 'an idle database connection was lost'));
    // A client in use reports its loss through the query as well; without a listener the event would end the process.
    each.on('connect', (client) => client.on('error', () => undefined));
  }
  const wake = new PostgresWake({ ...connectionConfig(url, 'wake'), query_timeout: ANSWER_TIMEOUT_MS }, logger);
  const writers = Array.from(
    { length: writerSlots },
    () => new PostgresWriter({ ...connectionConfig(url, 'writer'), query_timeout: ANSWER_TIMEOUT_MS }, logger),
  );
  const db = openKysely({ pool, answerTimeoutMs: ANSWER_TIMEOUT_MS });

  const shutDown = async (): Promise<void> => {
    await Promise.all([wake.close(), ...writers.map((writer) => writer.close())]);
    // Kysely ends a pool only once it has used it.
    await db.destroy();
    for (const each of [pool, hotPool]) if (!each.ending) await each.end();
  };
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => (closing ??= shutDown());

  try {
    const isPowerLossSafe = await readIsPowerLossSafe(pool);
    await wake.connect();
    for (const writer of writers) await writer.connect();
    return {
      capabilities: { engine: 'postgres', is_power_loss_safe: isPowerLossSafe, has_autovacuum: true, is_shared: true },
      db,
      reader: poolRunner(hotPool, ANSWER_TIMEOUT_MS),
      writers,
      wake,
      ping: (timeoutMs) => ping(db, timeoutMs),
      maintain: () => Promise.resolve(),
      close,
    };
  } catch (error) {
    await close();
    throw asUnavailable(error);
  }
}
