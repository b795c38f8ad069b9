const NEWLINE = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;

export interface RawRecord {
  /** Without its line end; of one with a problem at most `max_row_bytes`. */
  bytes: Buffer;
  /** The line it begins on, from 1. */
  line: number;
  /** Where the next record begins, in bytes from the start of the source. */
  end_offset: number;
  next_line: number;
  /** Why it cannot be a row; null when it may be one. */
  problem: string | null;
}

export interface SplitOptions {
  /** Null: every line is a record, and quotes mean nothing. */
  delimiter: string | null;
  max_row_bytes: number;
  offset: number;
  line: number;
}

const UNCLOSED = 'a quote is not closed';
const TEXT_BEHIND = 'text follows a closing quote';

interface Found {
  /** The line end that ends the record, or -1. */
  end: number;
  problem: string | null;
}

/**
 * Cuts a stream of bytes into records in constant memory. In CSV a quoted field may hold line ends; when its quotes do not
 * match, only the line on which it began is lost, and the next line is a record again.
 */
export class RecordSplitter {
  readonly #delimiter: number | null;
  readonly #maxBytes: number;
  #rest: Buffer = Buffer.alloc(0);
  #offset: number;
  #line: number;
  /** The line was told as too long already: nothing of it is kept. */
  #isSkipping = false;

  constructor({ delimiter, max_row_bytes, offset, line }: SplitOptions) {
    this.#delimiter = delimiter === null ? null : delimiter.charCodeAt(0);
    this.#maxBytes = max_row_bytes;
    this.#offset = offset;
    this.#line = line;
  }

  *push(chunk: Buffer): Generator<RawRecord> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    yield* this.#take(false);
  }

  *end(): Generator<RawRecord> {
    yield* this.#take(true);
  }

  *#take(isEnd: boolean): Generator<RawRecord> {
    let at = 0;
    while (at < this.#rest.length) {
      const newline = this.#rest.indexOf(NEWLINE, at);
      if (this.#isSkipping) {
        const next = newline < 0 ? this.#rest.length : newline + 1;
        this.#pass(at, next);
        this.#isSkipping = newline < 0;
        at = next;
        continue;
      }
      const record = this.#judge(at, { newline, isEnd });
      if (record === null) break;
      const { stop, problem } = record;
      const next = Math.min(stop + 1, this.#rest.length);
      this.#isSkipping = stop === this.#rest.length && !isEnd;
      yield this.#cut([at, stop, next], problem);
      at = next;
    }
    this.#rest = this.#rest.subarray(at);
  }

  /** Where the record that begins here stops, or null when its end is not here yet. */
  #judge(at: number, { newline, isEnd }: { newline: number; isEnd: boolean }): { stop: number; problem: string | null } | null {
    const length = this.#rest.length;
    const found = this.#delimiter === null ? { end: newline, problem: null } : findRecordEnd(this.#rest, at, this.#delimiter);
    const stop = found.end >= 0 ? found.end : length;
    const isTooLong = stop - at > this.#maxBytes;
    if (found.problem === null && !isTooLong) return found.end >= 0 || isEnd ? { stop, problem: null } : null;
    const isOpen = found.end < 0 && found.problem !== TEXT_BEHIND;
    if (isOpen && !isTooLong && !isEnd) return null;
    if (newline < 0 && !isEnd && !isTooLong) return null;
    const problem = found.problem ?? `is longer than ${this.#maxBytes} bytes`;
    return { stop: found.end >= 0 ? found.end : newline < 0 ? length : newline, problem };
  }

  #cut([from, stop, next]: [number, number, number], problem: string | null): RawRecord {
    const line = this.#line;
    const isReturn = stop > from && this.#rest[stop - 1] === RETURN;
    const bytes = this.#rest.subarray(from, Math.min(isReturn ? stop - 1 : stop, from + this.#maxBytes));
    this.#pass(from, next);
    return { bytes, line, end_offset: this.#offset, next_line: this.#line, problem };
  }

  #pass(from: number, next: number): void {
    for (let at = this.#rest.indexOf(NEWLINE, from); at >= 0 && at < next; at = this.#rest.indexOf(NEWLINE, at + 1)) this.#line += 1;
    this.#offset += next - from;
  }
}

/** A quote opens a field only at its start, and closes it only before a delimiter or a line end. **Source:** RFC 4180. */
function findRecordEnd(bytes: Buffer, from: number, delimiter: number): Found {
  let isFieldStart = true;
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE && isFieldStart) {
      at = closingQuote(bytes, at + 1);
      if (at < 0) return { end: -1, problem: UNCLOSED };
      const next = bytes[at + 1];
      if (next !== undefined && next !== delimiter && next !== NEWLINE && next !== RETURN) return { end: -1, problem: TEXT_BEHIND };
      isFieldStart = false;
    } else if (byte === NEWLINE) {
      return { end: at, problem: null };
    } else {
      isFieldStart = byte === delimiter;
    }
  }
  return { end: -1, problem: null };
}

/** The quote that closes a field whose text begins at `from`, or -1; two quotes are one of its text. */
function closingQuote(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(QUOTE, from); at >= 0; at = bytes.indexOf(QUOTE, at + 2)) {
    if (bytes[at + 1] !== QUOTE) return at;
  }
  return -1;
}

/** The fields of one record that the splitter found no problem with. */
export function splitFields(record: string, delimiter: string): string[] {
  const fields: string[] = [];
  for (let at = 0; ;) {
    let end: number;
    if (record[at] === '"') {
      end = at + 1;
      while (record[end] !== '"' || record[end + 1] === '"') end += record[end] === '"' ? 2 : 1;
      fields.push(record.slice(at + 1, end).replaceAll('""', '"'));
      end += 1;
    } else {
      end = record.indexOf(delimiter, at);
      if (end < 0) end = record.length;
      fields.push(record.slice(at, end));
    }
    if (record[end] !== delimiter) return fields;
    at = end + 1;
  }
}
