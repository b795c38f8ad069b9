import { strToU8, Zip, ZipDeflate } from 'fflate';
import { type Cell, guardedText } from './csv.ts';
import { pagesOf, type ReadPage } from './pages.ts';

/** Rows of a sheet, its line of names included: Excel takes 1,048,576. */
const SHEET_ROWS = 1_000_000;
/** Characters of a cell that Excel takes. */
const MAX_CELL_CHARS = 32_767;
/** What XML 1.0 cannot hold. */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const SHEET_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** A cell of text or a number, never a formula. */
function cellXml(value: Cell): string {
  if (value === null) return '<c/>';
  if (typeof value === 'number') return `<c><v>${value}</v></c>`;
  const text = guardedText(String(value)).toWellFormed().replaceAll(FORBIDDEN, '').slice(0, MAX_CELL_CHARS).toWellFormed();
  return `<c t="inlineStr"><is><t xml:space="preserve">${text.replaceAll(/[&<>]/g, (sign) => ESCAPES[sign] ?? '')}</t></is></c>`;
}

function rowXml(cells: readonly Cell[]): string {
  return `<row>${cells.map(cellXml).join('')}</row>`;
}

/** The parts of the package that name its sheets. */
function frame(sheets: number): Record<string, string> {
  const each = (write: (nth: number) => string): string => Array.from({ length: sheets }, (_, index) => write(index + 1)).join('');
  return {
    '[Content_Types].xml': `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${SHEET_TYPE}.sheet.main+xml"/>${each((nth) => `<Override PartName="/xl/worksheets/sheet${nth}.xml" ContentType="${SHEET_TYPE}.worksheet+xml"/>`)}</Types>`,
    '_rels/.rels': `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${XML}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${each((nth) => `<sheet name="Sheet${nth}" sheetId="${nth}" r:id="rId${nth}"/>`)}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${XML}<Relationships xmlns="${PACKAGE}/relationships">${each((nth) => `<Relationship Id="rId${nth}" Type="${RELATIONS}/worksheet" Target="worksheets/sheet${nth}.xml"/>`)}</Relationships>`,
  };
}

/** A zip written a piece at a time; `take` hands out the bytes made since the last call. */
class Package {
  readonly #zip: Zip;
  #bytes: Uint8Array[] = [];
  #sheet: ZipDeflate | null = null;
  #sheets = 0;
  #rows = 0;
  readonly #head: string;

  constructor(columns: readonly string[]) {
    this.#head = `${XML}<worksheet xmlns="${MAIN}"><sheetData>${rowXml(columns)}`;
    this.#zip = new Zip((error, bytes) => {
      if (error !== null) throw error;
      this.#bytes.push(bytes);
    });
    this.#open();
  }

  #open(): void {
    this.#sheets += 1;
    this.#rows = 1;
    this.#sheet = new ZipDeflate(`xl/worksheets/sheet${this.#sheets}.xml`);
    this.#zip.add(this.#sheet);
    this.#sheet.push(strToU8(this.#head));
  }

  #close(): void {
    this.#sheet?.push(strToU8('</sheetData></worksheet>'), true);
  }

  add(rows: readonly (readonly Cell[])[]): void {
    if (this.#rows + rows.length > SHEET_ROWS) {
      this.#close();
      this.#open();
    }
    this.#rows += rows.length;
    this.#sheet?.push(strToU8(rows.map(rowXml).join('')));
  }

  end(): void {
    this.#close();
    for (const [name, text] of Object.entries(frame(this.#sheets))) {
      const part = new ZipDeflate(name);
      this.#zip.add(part);
      part.push(strToU8(text), true);
    }
    this.#zip.end();
  }

  take(): string {
    const bytes = Buffer.concat(this.#bytes);
    this.#bytes = [];
    return bytes.toString('base64');
  }
}

/**
 * A list as an XLSX file in pieces of base64, a page at a time, so that memory does not grow with it. Every cell is text or a number;
 * text that would be a formula when copied begins with an apostrophe. A new sheet begins after a million rows.
 * @throws {AppError} UNAVAILABLE when `signal` aborts before the end.
 */
export async function* xlsxOf<Column extends string, Row extends Readonly<Record<Column, Cell>>>(
  columns: readonly Column[],
  readPage: ReadPage<Row>,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  const file = new Package(columns);
  for await (const rows of pagesOf(readPage, signal)) {
    file.add(rows.map((row) => columns.map((column) => row[column])));
    const piece = file.take();
    if (piece !== '') yield piece;
  }
  file.end();
  yield file.take();
}
