import type pg from 'pg';
import { asUnavailable, isConnectionError } from '../../db/connection-error.ts';
import { runStatement, runTransaction } from '../../db/statement.ts';
import { AppError } from '../../errors.ts';
import type { Statement, StatementRunner, Writer } from '../../ports/database.ts';
import type { SessionPlans } from './session-plans.ts';

/** The writer of a store with a single connection: it takes its turn with the readers in the pool of one. */
export class PgliteWriter implements Writer {
  readonly slot = 0;
  readonly #pool: pg.Pool;
  readonly #plans: SessionPlans;

  constructor(pool: pg.Pool, plans: SessionPlans) {
    this.#pool = pool;
    this.#plans = plans;
  }

  run<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    return this.#withClient((client) => runStatement<Row>(client, statement, values));
  }

  transaction<Result>(work: (tx: StatementRunner) => Promise<Result>): Promise<Result> {
    return this.#withClient((client) => runTransaction(client, work));
  }

  async #withClient<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw asUnavailable(error);
    });
    let isBroken = false;
    try {
      await this.#plans.use(client, 'pinned').catch((error: unknown) => {
        throw asUnavailable(error);
      });
      return await work(client);
    } catch (error) {
      const cause = error instanceof AppError && error.code === 'UNAVAILABLE' ? error.cause : undefined;
      isBroken = (cause !== undefined && isConnectionError(cause)) || client.getTransactionStatus() !== 'I';
      throw error;
    } finally {
      client.release(isBroken);
    }
  }
}
