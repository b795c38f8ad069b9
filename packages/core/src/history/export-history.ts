import { AppError } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { ExportHistoryInput, WorkerHistory } from './contract.ts';
import { listHistory } from './list-history.ts';

const COLUMNS = [
  'id',
  'worker_id',
  'worker_type',
  'job_id',
  'event',
  'keys_scanned',
  'duration_ms',
  'keys_per_second',
  'started_at',
  'is_clock_suspect',
  'finished_at',
] as const satisfies readonly (keyof WorkerHistory)[];

const PAGE = 500;

/** Spreadsheets run cells that begin like this as formulas. */
const FORMULA = /^[=+\-@\t\r]/;

/** One cell: text that would be a formula gets an apostrophe, and what would break the line is quoted. */
export function csvCell(value: string | number | boolean | null): string {
  if (value === null) return '';
  const text = typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function line(cells: readonly (string | number | boolean | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/**
 * The history as CSV (RFC 4180), newest first, a page of lines at a time: memory does not grow with it.
 * @throws {AppError} UNAVAILABLE when `signal` aborts before the end.
 */
export async function* exportHistory(ctx: CoreContext, input: ExportHistoryInput, signal: AbortSignal): AsyncGenerator<string, void> {
  yield line(COLUMNS);
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listHistory>> = await listHistory(ctx, {
      ...input,
      limit: PAGE,
      ...(cursor === null ? {} : { cursor }),
    });
    if (page.items.length > 0) yield page.items.map((row) => line(COLUMNS.map((column) => row[column]))).join('');
    cursor = page.next_cursor;
    // Ending here would pass half of it off as the whole.
    if (cursor !== null && signal.aborted) throw new AppError('UNAVAILABLE', 'The export was broken off before its end.');
  } while (cursor !== null);
}
