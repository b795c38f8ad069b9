import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CsvError, parse } from 'csv-parse';
import type * as z from 'zod';
import { readCell } from './csv.ts';
import { AppError } from './errors.ts';

/** What is wrong with a line, and in which column. */
export interface CsvProblem {
  readonly line: number;
  readonly column: string;
  readonly message: string;
}

export interface CsvRow<Input> {
  readonly line: number;
  readonly input: Input;
}

export interface CsvTable<Schema extends z.ZodType> {
  /** Judges a line; its fields are the columns. */
  readonly schema: Schema;
  readonly columns: readonly string[];
  /** Columns a file must have. */
  readonly required: readonly string[];
  /** Columns of an export that say what only the system knows: read over. */
  readonly ignored: readonly string[];
  /** Columns that hold numbers. */
  readonly numbers: readonly string[];
  readonly max_rows: number;
}

const SLICE = 65_536;
const MAX_RECORD_CHARS = 65_536;
const TURN_ROWS = 500;
const NUMBER = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$/;

interface ParsedRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** Slices never cut a surrogate pair: the parser sees bytes. */
function* slices(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    const end = at + SLICE;
    const isCut = end < text.length && text.codePointAt(end - 1) !== text.charCodeAt(end - 1);
    yield text.slice(at, isCut ? end + 1 : end);
    at = isCut ? end + 1 : end;
  }
}

function broken(problem: CsvProblem): AppError {
  return new AppError('VALIDATION', `line ${problem.line}, column ${problem.column}: ${problem.message}`, { issues: [issueOf(problem)] });
}

/** A problem as the issue of a refusal: its path names line and column. */
export function issueOf({ line, column, message }: CsvProblem): { path: string; message: string } {
  return { path: `line ${line}, column ${column}`, message };
}

async function* records(content: string): AsyncGenerator<ParsedRecord, void> {
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_CHARS,
    record_delimiter: ['\r\n', '\n', '\r'],
  });
  Readable.from(slices(content)).pipe(parser);
  try {
    for await (const parsed of parser) yield parsed as ParsedRecord;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const { code, lines, column } = error as CsvError & { lines?: number; column?: number };
    const message =
      code === 'CSV_MAX_RECORD_SIZE'
        ? `a line must have at most ${MAX_RECORD_CHARS} bytes`
        : 'a quoted cell does not end as it should; write a quote within quotes twice';
    throw broken({ line: lines ?? 1, column: String((column ?? 0) + 1), message });
  }
}

/** The names of the columns. @throws {AppError} VALIDATION for one that is unknown, missing or there twice. */
function readHeader<Schema extends z.ZodType>(cells: readonly string[], table: CsvTable<Schema>): string[] {
  const names = cells.map((cell) => cell.trim());
  const known = new Set([...table.columns, ...table.ignored]);
  for (const [index, name] of names.entries()) {
    const column = name === '' ? String(index + 1) : name.slice(0, 100);
    if (!known.has(name)) throw broken({ line: 1, column, message: `is no column; there are ${table.columns.join(', ')}` });
    if (names.indexOf(name) !== index) throw broken({ line: 1, column, message: 'is there twice' });
  }
  const missing = table.required.find((name) => !names.includes(name));
  if (missing !== undefined) throw broken({ line: 1, column: missing, message: 'is missing' });
  return names;
}

function readLine<Schema extends z.ZodType>(
  cells: readonly string[],
  names: readonly string[],
  table: CsvTable<Schema>,
): { input: z.output<Schema> } | { problems: Omit<CsvProblem, 'line'>[] } {
  if (cells.length !== names.length) {
    const column = names[cells.length] ?? String(names.length + 1);
    return { problems: [{ column, message: `the line has ${cells.length} cells, the first one ${names.length}` }] };
  }
  const fields: Record<string, unknown> = {};
  for (const [index, name] of names.entries()) {
    const cell = readCell(cells[index] ?? '');
    if (cell === '' || table.ignored.includes(name)) continue;
    fields[name] = table.numbers.includes(name) && NUMBER.test(cell) ? Number(cell) : cell;
  }
  const parsed = table.schema.safeParse(fields);
  if (parsed.success) return { input: parsed.data };
  // A column's first problem tells enough: those after it follow from it.
  const first = new Map<string, string>();
  for (const issue of parsed.error.issues) {
    const column = String(issue.path[0] ?? names[0]);
    first.set(column, first.get(column) ?? issue.message);
  }
  return { problems: [...first].map(([column, message]) => ({ column, message })) };
}

/**
 * Reads a CSV (RFC 4180, any line ends) whose first line names the columns. An empty cell is a field left out. Rows that fit come with
 * the line they begin on; what does not fit is a problem naming line and column.
 * @throws {AppError} VALIDATION when the first line or the quoting is wrong, or there are too many rows.
 */
export async function readCsv<Schema extends z.ZodType>(
  content: string,
  table: CsvTable<Schema>,
): Promise<{ rows: CsvRow<z.output<Schema>>[]; problems: CsvProblem[] }> {
  const rows: CsvRow<z.output<Schema>>[] = [];
  const problems: CsvProblem[] = [];
  let names: string[] | null = null;
  let read = 0;
  for await (const { record, info } of records(content)) {
    if (names === null) {
      names = readHeader(record, table);
      continue;
    }
    read += 1;
    const line = info.lines - record.reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
    if (read > table.max_rows)
      throw broken({ line, column: names[0] ?? '1', message: `a file has at most ${table.max_rows} rows; send it in parts` });
    const outcome = readLine(record, names, table);
    if ('input' in outcome) rows.push({ line, input: outcome.input });
    else problems.push(...outcome.problems.map((problem) => ({ line, ...problem })));
    if (read % TURN_ROWS === 0) await nextTurn();
  }
  if (names === null) throw broken({ line: 1, column: '1', message: 'the file is empty; its first line names the columns' });
  return { rows, problems };
}
