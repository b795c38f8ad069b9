import type { Transaction } from 'kysely';
import type * as z from 'zod';
import type { CsvImportAnswer, CsvImportInput } from './contract.ts';
import type { Database } from './db/schema.ts';
import { AppError } from './errors.ts';
import type { CoreContext } from './ports/index.ts';
import { type CsvProblem, type CsvRow, type CsvTable, issueOf, readCsv } from './read-csv.ts';

const PAGE = 1000;
const MAX_ISSUES = 20;
const MAX_SKIPPED = 1000;

/** What takes the rows of a file, a page at a time, in one transaction. */
export interface CsvSink<Input> {
  /** A problem leaves its row out. */
  add(rows: readonly CsvRow<Input>[]): Promise<{ created: number; unchanged: number; problems: readonly CsvProblem[] }>;
  finish(): Promise<void>;
}

/** Ends the transaction of a dry run. */
class DryRun extends Error {}

function refuseAll(problems: readonly CsvProblem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const message = `line ${first.line}, column ${first.column}: ${first.message}${more}. Nothing was imported; skip_invalid leaves such lines out.`;
  throw new AppError('VALIDATION', message, {
    issues: problems.slice(0, MAX_ISSUES).map(issueOf),
    data: { problems: problems.length, lines: new Set(problems.map(({ line }) => line)).size },
  });
}

/**
 * Imports a CSV: all of it in one transaction, or nothing when a line does not fit, unless `skip_invalid` leaves such lines out.
 * @throws {AppError} VALIDATION naming line and column.
 */
export async function importCsv<Schema extends z.ZodType>(
  ctx: CoreContext,
  { input, table }: { input: CsvImportInput; table: CsvTable<Schema> },
  open: (tx: Transaction<Database>) => Promise<CsvSink<z.output<Schema>>>,
): Promise<CsvImportAnswer> {
  const { rows, problems } = await readCsv(input.content, table);
  if (!input.skip_invalid) refuseAll(problems);
  const sums = { created: 0, unchanged: 0 };
  try {
    await ctx.database.db.transaction().execute(async (tx) => {
      const sink = await open(tx);
      for (let at = 0; at < rows.length; at += PAGE) {
        const page = await sink.add(rows.slice(at, at + PAGE));
        sums.created += page.created;
        sums.unchanged += page.unchanged;
        problems.push(...page.problems);
      }
      if (!input.skip_invalid) refuseAll(problems);
      if (input.dry_run) throw new DryRun();
      await sink.finish();
    });
  } catch (error) {
    if (!(error instanceof DryRun)) throw error;
  }
  const skipped = problems.toSorted((left, right) => left.line - right.line);
  return {
    ...sums,
    skipped_count: new Set(skipped.map(({ line }) => line)).size,
    skipped: skipped.slice(0, MAX_SKIPPED).map(({ line, column, message }) => ({ line, column, message })),
    is_dry_run: input.dry_run,
  };
}
