import { pagesOf, type ReadPage } from './pages.ts';

export type Cell = string | number | boolean | null;

/** Spreadsheets run cells that begin like this as formulas; those with apostrophes before it were made text, or look so. */
const FORMULA = /^'*[=+\-@\t\r\n]/;
const GUARDED = /^'+[=+\-@\t\r\n]/;

/** Text as a spreadsheet takes it for text: what would be a formula gets an apostrophe. */
export function guardedText(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** The text behind a cell that `guardedText` may have written. */
export function readCell(cell: string): string {
  return GUARDED.test(cell) ? cell.slice(1) : cell;
}

/** One cell: text that would be a formula gets an apostrophe, and what would break the line is quoted. */
export function csvCell(value: Cell): string {
  if (value === null) return '';
  const text = typeof value === 'string' ? guardedText(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function line(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/**
 * A list as CSV (RFC 4180): a line of names, then a page of lines at a time, so that memory does not grow with it.
 * @throws {AppError} UNAVAILABLE when `signal` aborts before the end.
 */
export async function* csvOf<Column extends string, Row extends Readonly<Record<Column, Cell>>>(
  columns: readonly Column[],
  readPage: ReadPage<Row>,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  yield line(columns);
  for await (const rows of pagesOf(readPage, signal)) {
    if (rows.length > 0) yield rows.map((row) => line(columns.map((column) => row[column]))).join('');
  }
}
