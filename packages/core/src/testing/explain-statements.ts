import type { DatabaseHandle, Statement, StatementRunner, Writer } from '../ports/index.ts';

/** A node of PostgreSQL's plan in JSON; only what the checks read. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

export interface SeenPlan {
  readonly statement: string;
  readonly plan: PlanNode;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** A value as PostgreSQL reads it in a literal of unknown type. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  const text = Array.isArray(value)
    ? `{${value.map((entry: unknown) => (entry === null || entry === undefined ? 'NULL' : quoted(`${entry as string | number | boolean}`))).join(',')}}`
    : `${value as string | number | boolean}`;
  return `'${text.replaceAll("'", "''")}'`;
}

const plain = (text: string): Statement => ({ name: '', text });

/** Runs the statement for its plan and takes the effect back. A prepared statement is planned with the session's settings, as in production. */
async function explain(tx: StatementRunner, statement: Statement, values: readonly unknown[]): Promise<PlanNode> {
  const name = `explained_${statement.name}`;
  await tx.run(plain('savepoint explained'), []);
  await tx.run(plain(`prepare ${name} as ${statement.text}`), []);
  const rows = await tx.run<{ 'QUERY PLAN': unknown }>(
    plain(`explain (analyze, timing off, summary off, format json) execute ${name}(${values.map(literal).join(', ')})`),
    [],
  );
  await tx.run(plain('rollback to savepoint explained'), []);
  await tx.run(plain(`deallocate ${name}`), []);
  const answer = rows[0]?.['QUERY PLAN'];
  const [{ Plan: plan }] = (typeof answer === 'string' ? JSON.parse(answer) : answer) as [{ Plan: PlanNode }];
  return plan;
}

/** The same database, whose writers tell the plan of every statement before they run it. */
export function explainStatements(handle: DatabaseHandle, onPlan: (seen: SeenPlan) => void): DatabaseHandle {
  const explained = (tx: StatementRunner): StatementRunner => ({
    async run(statement, values) {
      onPlan({ statement: statement.name, plan: await explain(tx, statement, values) });
      return tx.run(statement, values);
    },
  });
  const writers = handle.writers.map((writer): Writer => ({
    get slot() {
      return writer.slot;
    },
    run: (statement, values) => writer.transaction((tx) => explained(tx).run(statement, values)),
    transaction: (work) => writer.transaction((tx) => work(explained(tx))),
  }));
  return { ...handle, writers };
}
