import type { CsvImportAnswer, CsvImportInput } from '../contract.ts';
import { importCsv } from '../import-csv.ts';
import type { CoreContext } from '../ports/index.ts';
import { CreatePublicationInput } from './contract.ts';
import { EXPORT_COLUMNS } from './export-publications.ts';
import { PUBLICATIONS_TOPIC, QUEUE_TOPIC } from './move-publications.ts';
import { NewPublications } from './new-publications.ts';

const MAX_ROWS = 100_000;
const COLUMNS = Object.keys(CreatePublicationInput.shape);
const TABLE = {
  schema: CreatePublicationInput,
  columns: COLUMNS,
  required: ['clip_id', 'platform', 'social_account_id'],
  ignored: EXPORT_COLUMNS.filter((column) => !COLUMNS.includes(column)),
  numbers: [],
  max_rows: MAX_ROWS,
};

/**
 * Creates publications from a CSV of up to 100,000 rows, whose columns are the fields of a new publication; an export of ours is one.
 * All or nothing, unless `skip_invalid`. @throws {AppError} VALIDATION naming line and column.
 */
export async function importPublications(ctx: CoreContext, input: CsvImportInput): Promise<CsvImportAnswer> {
  const answer = await importCsv(ctx, { input, table: TABLE }, async (tx) => {
    const publications = await NewPublications.begin(tx, ctx.now());
    return {
      async add(rows) {
        const placed = await publications.add(rows.map((row) => row.input));
        const problems = placed.flatMap((entry, index) => {
          const line = rows[index]?.line ?? 0;
          return 'row' in entry ? [] : entry.refusals.map(({ issue }) => ({ line, column: issue.path, message: issue.message }));
        });
        const kept = placed.filter((entry) => 'row' in entry);
        const created = kept.filter((entry) => entry.is_new).length;
        return { created, unchanged: kept.length - created, problems };
      },
      finish: () => publications.finish(),
    };
  });
  if (answer.created > 0 && !answer.is_dry_run) ctx.hub.publish([PUBLICATIONS_TOPIC, QUEUE_TOPIC]);
  return answer;
}
