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

/** The query builder over a pool. `answerTimeoutMs` notices a server or network that went silent; null waits for ever. */
export function openKysely(pool: pg.Pool, answerTimeoutMs: number | null): Kysely<Database> {
  const lender: PostgresPool = {
    options: {},
    connect: async () => {
      try {
        return lend(await pool.connect(), answerTimeoutMs);
      } catch (error) {
        throw asUnavailable(error);
      }
    },
    end: () => pool.end(),
  };
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool: lender }) });
}
