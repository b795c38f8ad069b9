import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import { asUnavailable, isConnectionError } from './connection-error.ts';
import type { Database } from './schema.ts';

type TimedQuery = pg.QueryConfig<unknown[]> & { query_timeout?: number };

/**
 * Kysely's view of a checked-out client: errors in our terms, and a client that broke is not handed to the next one. The time
 * limit is for lone statements: inside a transaction the server's own limit, which a migration lifts, is the only one.
 */
function lend(client: pg.PoolClient, answerTimeoutMs: number | null): PostgresPoolClient {
  let isBroken = false;
  const query = async (sql: string, parameters: readonly unknown[]): Promise<unknown> => {
    const config: TimedQuery = { text: sql, values: [...parameters] };
    if (answerTimeoutMs !== null && client.getTransactionStatus() === 'I') config.query_timeout = answerTimeoutMs;
    try {
      return await client.query(config);
    } catch (error) {
      isBroken ||= isConnectionError(error);
      throw asUnavailable(error);
    }
  };
  return {
    query: query as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy === true || isBroken),
  };
}

export interface OpenKyselyOptions {
  readonly pool: pg.Pool;
  /** Notices a server or network that went silent; null waits for ever. */
  readonly answerTimeoutMs: number | null;
  /** Readies a connection each time it is checked out. */
  readonly prepare?: (client: pg.PoolClient) => Promise<void>;
}

/** The query builder over a pool. */
export function openKysely(options: OpenKyselyOptions): Kysely<Database> {
  const { pool, answerTimeoutMs, prepare } = options;
  const lender: PostgresPool = {
    options: {},
    connect: async () => {
      try {
        const client = await pool.connect();
        await prepare?.(client).catch((error: unknown) => {
          client.release(true);
          throw error;
        });
        return lend(client, answerTimeoutMs);
      } catch (error) {
        throw asUnavailable(error);
      }
    },
    end: () => pool.end(),
  };
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool: lender }) });
}
