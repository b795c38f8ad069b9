import type { Commits, CoreContext, DatabaseHandle, GroupKind, Statement, Writer } from '@tidemark/core/ports';
import { AppError } from '@tidemark/core/errors';

const COUNTING = 'counted as (';

/** Keeps the statement's first parameter, which would have no type otherwise; nothing runs that nothing reads. */
const NOT_COUNTING = 'select $1::int as slot';

/** Where the parenthesis that is open at `start` closes. */
function closingOf(text: string, start: number): number {
  let depth = 1;
  for (let index = start; index < text.length; index += 1) {
    if (text[index] === '(') depth += 1;
    if (text[index] === ')') depth -= 1;
    if (depth === 0) return index;
  }
  throw new Error('a parenthesis is never closed');
}

/** The engine's own statements without the counters: what they cost is the difference. */
export function withoutCounters(statement: Statement): Statement {
  const { name, text } = statement;
  const at = text.indexOf(COUNTING);
  if (at === -1) return statement;
  const start = at + COUNTING.length;
  return { name: `${name}_uncounted`, text: `${text.slice(0, start)}${NOT_COUNTING}${text.slice(closingOf(text, start))}` };
}

function uncountedWriter(writer: Writer): Writer {
  const known = new Map<string, Statement>();
  const translate = (statement: Statement): Statement => {
    const found = known.get(statement.name) ?? withoutCounters(statement);
    known.set(statement.name, found);
    return found;
  };
  return {
    get slot() {
      return writer.slot;
    },
    run: (statement, values) => writer.run(translate(statement), values),
    transaction: (work) => writer.transaction((tx) => work({ run: (statement, values) => tx.run(translate(statement), values) })),
  };
}

export function withUncountedWriters(database: DatabaseHandle): DatabaseHandle {
  return { ...database, writers: database.writers.map(uncountedWriter) };
}

/** A statement and a commit per call, spread over the writers: what group commit is compared with. */
class SingleCommits implements Commits {
  readonly #writers: readonly Writer[];
  #next = 0;

  constructor(writers: readonly Writer[]) {
    this.#writers = writers;
  }

  async submit<Item, Result>(kind: GroupKind<Item, Result>, item: Item): Promise<Result> {
    const writer = this.#writers[this.#next % this.#writers.length];
    this.#next += 1;
    if (writer === undefined) throw new Error('there is no writer');
    const [result] = await kind.write(writer, [item]);
    if (result === undefined) throw new Error(`${kind.name} answered nothing`);
    if (result instanceof AppError) throw result;
    return result;
  }
}

export function withSingleCommits(core: CoreContext): CoreContext {
  return { ...core, commits: new SingleCommits(core.database.writers) };
}
