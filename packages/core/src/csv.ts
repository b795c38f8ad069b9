import { AppError } from './errors.ts';

type Cell = string | number | boolean | null;

/** Spreadsheets run cells that begin like this as formulas. */
const FORMULA = /^[=+\-@\t\r]/;

/** One cell: text that would be a formula gets an apostrophe, and what would break the line is quoted. */
export function csvCell(value: Cell): string {
  if (value === null) return '';
  const text = typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function line(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

interface Page<Row> {
  readonly items: readonly Row[];
  readonly next_cursor: string | null;
}

/**
 * A list as CSV (RFC 4180): a line of names, then a page of lines at a time, so that memory does not grow with it.
 * @throws {AppError} UNAVAILABLE when `signal` aborts before the end.
 */
export async function* csvOf<Column extends string, Row extends Readonly<Record<Column, Cell>>>(
  columns: readonly Column[],
  readPage: (cursor: string | undefined) => Promise<Page<Row>>,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  yield line(columns);
  let cursor: string | null = null;
  do {
    const page: Page<Row> = await readPage(cursor ?? undefined);
    if (page.items.length > 0) yield page.items.map((row) => line(columns.map((column) => row[column]))).join('');
    cursor = page.next_cursor;
    // Ending here would pass half of it off as the whole.
    if (cursor !== null && signal.aborted) throw new AppError('UNAVAILABLE', 'The export was broken off before its end.');
  } while (cursor !== null);
}
