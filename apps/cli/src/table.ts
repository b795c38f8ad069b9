import { stripVTControlCharacters } from 'node:util';

export interface Column<Row> {
  title: string;
  value: (row: Row) => string;
  /** Colours the padded cell; called after the width is settled. */
  style?: (text: string, row: Row) => string;
  align?: 'right';
}

const GAP = '  ';

/** Aligned lines with a heading. `widths` of an earlier page keep later pages aligned with it; it grows in place. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], widths: number[] = []): string {
  const isFirstPage = widths.length === 0;
  const cells = rows.map((row) => columns.map((column) => plain(column.value(row))));
  columns.forEach((column, index) => {
    const longest = Math.max(column.title.length, ...cells.map((line) => width(line[index] ?? '')));
    widths[index] = Math.max(widths[index] ?? 0, longest);
  });
  const lines = rows.map((row, index) =>
    joinCells(columns.map((column, at) => cell(column, row, [cells[index]?.[at] ?? '', widths[at] ?? 0]))),
  );
  const heading = joinCells(columns.map((column, at) => pad(column.title, widths[at] ?? 0, column.align)));
  return (isFirstPage ? [heading, ...lines] : lines).map((line) => `${line}\n`).join('');
}

/** `name  value` lines, the names padded to one width; entries without a value are left out. */
export function renderFields(fields: readonly (readonly [string, string | null])[]): string {
  const shown = fields.filter((field): field is readonly [string, string] => field[1] !== null);
  const longest = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${`${pad(name, longest)}${GAP}${value}`.trimEnd()}\n`).join('');
}

/** One line of printable text: what a stored name or message holds must not steer the terminal it is shown on. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}+/gu, ' ');
}

function cell<Row>(column: Column<Row>, row: Row, [text, size]: readonly [string, number]): string {
  const padded = pad(text, size, column.align);
  return column.style === undefined ? padded : column.style(padded, row);
}

function pad(text: string, size: number, align?: 'right'): string {
  const space = ' '.repeat(Math.max(0, size - width(text)));
  return align === 'right' ? `${space}${text}` : `${text}${space}`;
}

function joinCells(cells: readonly string[]): string {
  return cells.join(GAP).trimEnd();
}

function width(text: string): number {
  return [...new Intl.Segmenter().segment(text)].length;
}
