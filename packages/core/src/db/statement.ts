import type pg from 'pg';
import type { Statement, StatementRunner } from '../ports/database.ts';
import { toParameters } from './array-parameters.ts';
import { asUnavailable } from './connection-error.ts';

/** Runs one named statement on a connection that the caller owns. @throws UNAVAILABLE, or the database's own refusal. */
export async function runStatement<Row>(client: pg.ClientBase, statement: Statement, values: readonly unknown[]): Promise<Row[]> {
  try {
    const result = await client.query({ name: statement.name, text: statement.text, values: toParameters(statement, values) });
    return result.rows as Row[];
  } catch (error) {
    throw asUnavailable(error);
  }
}

async function runCommand(client: pg.ClientBase, command: 'begin' | 'commit' | 'rollback'): Promise<string> {
  try {
    return (await client.query(command)).command;
  } catch (error) {
    throw asUnavailable(error);
  }
}

/**
 * All or nothing on a connection that the caller owns.
 * @throws what `work` throws, after rolling back; UNAVAILABLE when the outcome of the commit is not known.
 */
export async function runTransaction<Result>(client: pg.ClientBase, work: (tx: StatementRunner) => Promise<Result>): Promise<Result> {
  let isOpen = true;
  const tx: StatementRunner = {
    run: (statement, values) => {
      if (!isOpen) throw new Error(`${statement.name} was run after its transaction had ended`);
      return runStatement(client, statement, values);
    },
  };
  await runCommand(client, 'begin');
  try {
    const result = await work(tx);
    isOpen = false;
    if ((await runCommand(client, 'commit')) === 'ROLLBACK') {
      throw new Error('the transaction was rolled back: one of its statements failed and the error was swallowed');
    }
    return result;
  } catch (error) {
    isOpen = false;
    // A connection that cannot roll back is broken, and its owner sees that by itself; the first error tells more.
    await runCommand(client, 'rollback').catch(() => undefined);
    throw error;
  }
}

/** Runs named statements on whichever connection of a pool is free: reads that are asked again and again. */
export function poolRunner(pool: pg.Pool, answerTimeoutMs: number | null): StatementRunner {
  const limit = answerTimeoutMs === null ? {} : { query_timeout: answerTimeoutMs };
  return {
    async run<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
      try {
        const result = await pool.query({ name: statement.name, text: statement.text, values: toParameters(statement, values), ...limit });
        return result.rows as Row[];
      } catch (error) {
        throw asUnavailable(error);
      }
    },
  };
}
