import type { DatabaseHandle, Statement, StatementRunner, Writer } from '../ports/index.ts';

/** A fault to put into hot statements: in the text of each one named, `search` becomes `replacement`. */
export interface Mutation {
  readonly statements: readonly string[];
  readonly search: string;
  readonly replacement: string;
}

function mutated(statement: Statement, mutation: Mutation): Statement {
  if (!mutation.statements.includes(statement.name)) return statement;
  if (!statement.text.includes(mutation.search)) throw new Error(`the statement ${statement.name} has no "${mutation.search}"`);
  return { name: `mutant_${statement.name}`, text: statement.text.replace(mutation.search, mutation.replacement) };
}

function mutatedRunner(runner: StatementRunner, mutation: Mutation): StatementRunner {
  return { run: (statement, values) => runner.run(mutated(statement, mutation), values) };
}

/** The same database with faulty writers: what a test must notice to be worth anything. */
export function mutateStatements(handle: DatabaseHandle, mutation: Mutation): DatabaseHandle {
  const writers = handle.writers.map((writer): Writer => ({
    get slot() {
      return writer.slot;
    },
    run: (statement, values) => writer.run(mutated(statement, mutation), values),
    transaction: (work) => writer.transaction((tx) => work(mutatedRunner(tx, mutation))),
  }));
  return { ...handle, writers };
}
