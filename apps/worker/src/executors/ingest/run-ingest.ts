import type { Egress } from '@tidemark/egress';
import { type Handler, type HandlerJob, PermanentError } from '@tidemark/sdk';
import { csvCheck, jsonCheck, readFields, type RowCheck } from './check-row.ts';
import { IngestState, MAX_REJECTS_SHOWN, newIngestState } from './ingest-state.ts';
import { type Opened, openSource } from './open-source.ts';
import { IngestPayload } from './payload.ts';
import { type RawRecord, RecordSplitter, splitFields } from './split-records.ts';

const CHECKPOINT_MS = 1_000;
const MAX_TEXT_CHARS = 80;
const MAX_HEADER_BYTES = 65_536;
const BOM = '\uFEFF';

type IngestJob = HandlerJob<IngestPayload>;

/** What a job may reach. */
export interface IngestReach {
  /** Folders no job may read. */
  readonly hidden: readonly string[];
  /** The way to URLs, with what an administrator allows now. */
  openEgress(): Promise<Egress>;
}

/** Reads every row of a CSV or NDJSON, counts it and says which do not fit. */
export function createIngestHandler(reach: IngestReach): Handler<typeof IngestPayload> {
  return { payload: IngestPayload, run: (job) => new Ingest(job, reach).run() };
}

function formatOf({ format, source }: IngestPayload): 'csv' | 'ndjson' {
  if (format !== undefined) return format;
  const path = source.startsWith('/') ? source : new URL(source).pathname;
  if (/\.csv$/i.test(path)) return 'csv';
  if (/\.(ndjson|jsonl)$/i.test(path)) return 'ndjson';
  throw new PermanentError('payload.format: the source does not end with .csv, .ndjson or .jsonl; say which it is.');
}

class Ingest {
  readonly #job: IngestJob;
  readonly #reach: IngestReach;
  readonly #format: 'csv' | 'ndjson';
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #state = newIngestState('');
  #size: number | null = null;
  #check: RowCheck | null = null;
  #sinceCheckpoint = 0;
  #checkpointAt = performance.now();

  constructor(job: IngestJob, reach: IngestReach) {
    this.#job = job;
    this.#reach = reach;
    this.#format = formatOf(job.payload);
  }

  async run(): Promise<unknown> {
    const source = await this.#open();
    const { delimiter, max_row_bytes } = this.#job.payload;
    const { offset, line } = this.#state;
    const splitter = new RecordSplitter({ delimiter: this.#format === 'csv' ? delimiter : null, max_row_bytes, offset, line });
    this.#check =
      this.#format === 'csv' ? this.#csvCheck() : jsonCheck(readFields(this.#job.payload.schema), this.#job.payload.allow_extra);
    try {
      for await (const chunk of source.chunks) {
        this.#job.signal.throwIfAborted();
        for (const record of splitter.push(chunk)) this.#take(record);
        if (performance.now() - this.#checkpointAt >= CHECKPOINT_MS) await this.#checkpoint();
      }
      for (const record of splitter.end()) this.#take(record);
    } catch (error) {
      // What was counted since the last checkpoint goes with a hand-over or a retry.
      void this.#checkpoint().catch(() => undefined);
      throw error;
    }
    if (this.#format === 'csv' && this.#check === null) throw new PermanentError('The source is empty: it has no header.');
    this.#size = this.#state.offset;
    await this.#checkpoint();
    return this.#report();
  }

  async #open(): Promise<Opened> {
    const { payload, cursor, signal, log } = this.#job;
    const found = IngestState.safeParse(cursor);
    const from = found.success ? found.data : null;
    const source = await openSource({ source: payload.source, from, max_bytes: payload.max_bytes, ...this.#reach, signal });
    if (from !== null) log(source.is_same ? `going on after row ${from.rows}` : 'the source has changed: starting over');
    this.#state = from !== null && source.is_same ? from : newIngestState(source.identity);
    this.#size = source.size_bytes;
    return source;
  }

  #csvCheck(): RowCheck | null {
    const { header = null, schema, allow_extra } = this.#job.payload;
    this.#state.header ??= header;
    if (this.#state.header === null) return null;
    const check = csvCheck(readFields(schema), this.#state.header, allow_extra);
    if (typeof check === 'string') throw new PermanentError(check);
    return check;
  }

  /** Counts one record. The offset moves with the counts, so a checkpoint at any moment is a whole one. */
  #take(record: RawRecord): void {
    this.#state.offset = record.end_offset;
    this.#state.line = record.next_line;
    const text = this.#decode(record);
    if (record.problem === null && text !== null && text.trim() === '') return;
    if (this.#check === null) {
      this.#takeHeader(record, text);
      return;
    }
    this.#state.rows += 1;
    this.#sinceCheckpoint += 1;
    const reason = record.problem ?? (text === null ? 'is not UTF-8' : this.#judge(text));
    if (reason === null) return;
    this.#state.rejected += 1;
    if (this.#state.rejects.length >= MAX_REJECTS_SHOWN) return;
    this.#state.rejects.push({
      line: record.line,
      reason: printable(reason),
      text: printable(text ?? record.bytes.toString('latin1')).slice(0, MAX_TEXT_CHARS),
    });
  }

  #judge(text: string): string | null {
    if (this.#format === 'csv') return this.#check?.(splitFields(text, this.#job.payload.delimiter)) ?? null;
    try {
      return this.#check?.(JSON.parse(text)) ?? null;
    } catch {
      return 'is not JSON';
    }
  }

  #takeHeader(record: RawRecord, text: string | null): void {
    if (record.problem !== null || text === null) throw new PermanentError(`The header ${record.problem ?? 'is not UTF-8'}.`);
    if (record.bytes.length > MAX_HEADER_BYTES) throw new PermanentError(`The header is longer than ${MAX_HEADER_BYTES} bytes.`);
    this.#state.header = splitFields(text, this.#job.payload.delimiter).map((name) => name.trim());
    this.#check = this.#csvCheck();
  }

  #decode({ bytes, line }: RawRecord): string | null {
    try {
      const text = this.#decoder.decode(bytes);
      return line === 1 && text.startsWith(BOM) ? text.slice(1) : text;
    } catch {
      return null;
    }
  }

  async #checkpoint(): Promise<void> {
    const { offset, rows } = this.#state;
    // Rows per byte so far tell about how many there will be.
    const total = this.#size === null || offset === 0 ? {} : { total: Math.max(rows, Math.round((rows * this.#size) / offset)) };
    const message = `${offset} of ${this.#size ?? 'unknown'} bytes`;
    const keys_scanned = this.#sinceCheckpoint;
    this.#sinceCheckpoint = 0;
    this.#checkpointAt = performance.now();
    await this.#job.checkpoint({ cursor: structuredClone(this.#state), keys_scanned, progress: { done: rows, ...total, message } });
  }

  #report(): unknown {
    const { rows, rejected, rejects, offset, header } = this.#state;
    const { source } = this.#job.payload;
    const columns = header === null ? {} : { columns: header };
    return {
      source: withoutCredentials(source),
      format: this.#format,
      bytes: offset,
      rows,
      accepted: rows - rejected,
      rejected,
      ...columns,
      rejects,
    };
  }
}

function withoutCredentials(source: string): string {
  if (source.startsWith('/')) return source;
  const url = new URL(source);
  url.username = '';
  url.password = '';
  url.search = '';
  return url.href;
}

/** One line of plain characters: what a file holds must not be able to dress up as a report. */
function printable(text: string): string {
  return text.slice(0, 300).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\uFFFD');
}
