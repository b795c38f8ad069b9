import { type Egress, EgressError, type EgressRequest, type EgressStream } from '@tidemark/egress';
import { PermanentError, RetryableError } from '@tidemark/sdk';
import { open, realpath } from 'node:fs/promises';
import { relative } from 'node:path';

const CHUNK_BYTES = 262_144;
/** A server that sends nothing for so long is given up. */
const SILENCE_MS = 30_000;
const RETRYABLE_STATUSES = new Set([408, 425, 429]);

export interface Source {
  /** Changes when the content does, as far as can be told; a cursor is only good for the same one. */
  identity: string;
  size_bytes: number | null;
  /** The bytes from `offset` on. */
  chunks: AsyncIterable<Buffer>;
}

export interface OpenOptions {
  source: string;
  /** Asked for only if the source is still this one. */
  from: { identity: string; offset: number } | null;
  max_bytes: number;
  /** Folders no job may read. */
  hidden: readonly string[];
  /** The way to URLs; asked for when there is one to open. */
  openEgress: () => Promise<Egress>;
  signal: AbortSignal;
}

/** `is_same` is false when there was a cursor and the source is another one by now: then the chunks begin at 0. */
export type Opened = Source & { is_same: boolean };

/** @throws {PermanentError} for what is not there or too large, {RetryableError} for what may come back. */
export function openSource(options: OpenOptions): Promise<Opened> {
  return options.source.startsWith('/') ? openFile(options) : openUrl(options);
}

function refuseSize(size: number | null, max: number): void {
  if (size !== null && size > max) throw new PermanentError(`The source has ${size} bytes, more than the ${max} allowed (max_bytes).`);
}

async function openFile({ source, from, max_bytes, hidden, signal }: OpenOptions): Promise<Opened> {
  const path = await realpath(source).catch((error: unknown) => refuseFile(source, error));
  if (hidden.some((folder) => !relative(folder, path).startsWith('..')))
    throw new PermanentError(`${source} belongs to the worker itself.`);
  const file = await open(path).catch((error: unknown) => refuseFile(source, error));
  try {
    const facts = await file.stat();
    if (!facts.isFile()) throw new PermanentError(`${source} is not a file.`);
    refuseSize(facts.size, max_bytes);
    const identity = `${facts.size} bytes, ${facts.mtime.toISOString()}`;
    const is_same = from === null || from.identity === identity;
    const start = is_same ? (from?.offset ?? 0) : 0;
    const chunks = file.createReadStream({ start, highWaterMark: CHUNK_BYTES, signal }) as AsyncIterable<Buffer>;
    return { identity, size_bytes: facts.size, is_same, chunks };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function refuseFile(source: string, error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words =
    code === 'ENOENT' ? 'does not exist on this worker' : code === 'EACCES' ? 'may not be read by this worker' : `cannot be read (${code})`;
  throw new PermanentError(`${source} ${words}.`, { cause: error });
}

async function openUrl({ source, from: wanted, max_bytes, openEgress, signal }: OpenOptions): Promise<Opened> {
  // Without a mark of its version nobody can tell whether it is still the same.
  const from = wanted?.identity === '' ? null : wanted;
  const watch = new SilenceWatch(signal);
  const range = from === null || from.offset === 0 ? {} : { range: `bytes=${from.offset}-`, 'if-range': from.identity };
  const response = await request(
    { url: source, headers: { 'accept-encoding': 'identity', ...range }, timeout_ms: SILENCE_MS },
    await openEgress(),
    watch,
  );
  const { identity, size_bytes } = describeResponse(response);
  refuseSize(size_bytes, max_bytes);
  const is_same = wanted === null || (from !== null && (response.status === 206 || identity === from.identity));
  const offset = is_same ? (from?.offset ?? 0) : 0;
  const begun = response.status === 206 ? offset : 0;
  return { identity, size_bytes, is_same, chunks: readBody(response, { skip: offset - begun, begun, max_bytes, watch, source }) };
}

/** What may come back another time, and what never will. */
function failureOf(error: EgressError): Error {
  const isLasting = error.code === 'denied' || error.code === 'invalid' || error.code === 'redirect';
  return isLasting ? new PermanentError(error.message, { cause: error }) : new RetryableError(error.message, { cause: error });
}

async function request(asked: EgressRequest, egress: Egress, watch: SilenceWatch): Promise<EgressStream> {
  const response = await egress.stream(asked, watch.signal).catch((error: unknown) => {
    watch.pause();
    throw error instanceof EgressError ? failureOf(error) : error;
  });
  const { status, headers } = response;
  const encoding = headers['content-encoding'] ?? 'identity';
  if (status >= 200 && status < 300 && encoding === 'identity') return response;
  watch.pause();
  await response.close();
  if (status >= 200 && status < 300)
    throw new PermanentError(`${hostOf(asked.url)} sends it compressed (${encoding.slice(0, 20)}), unasked.`);
  const error = `${hostOf(asked.url)} answered with status ${status}.`;
  throw status >= 500 || RETRYABLE_STATUSES.has(status) ? new RetryableError(error) : new PermanentError(error);
}

function describeResponse({ status, headers }: EgressStream): { identity: string; size_bytes: number | null } {
  const total = status === 206 ? /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] : headers['content-length'];
  return {
    identity: headers['etag'] ?? headers['last-modified'] ?? '',
    size_bytes: total === undefined ? null : Number(total),
  };
}

interface BodyOptions {
  skip: number;
  begun: number;
  max_bytes: number;
  watch: SilenceWatch;
  source: string;
}

async function* readBody(response: EgressStream, { skip, begun, max_bytes, watch, source }: BodyOptions): AsyncGenerator<Buffer> {
  let seen = 0;
  try {
    for await (const chunk of response.body) {
      // While the rows are worked on the server may be as slow as we are.
      watch.pause();
      const from = Math.min(chunk.length, Math.max(0, skip - seen));
      seen += chunk.length;
      if (begun + seen > max_bytes) throw new PermanentError(`The source has more than the ${max_bytes} bytes allowed (max_bytes).`);
      if (from < chunk.length) yield chunk.subarray(from);
      watch.resume();
    }
  } catch (error) {
    if (error instanceof PermanentError || watch.isGivenUp) throw error;
    throw new RetryableError(`${hostOf(source)} broke off after ${begun + seen} bytes.`, { cause: error });
  } finally {
    watch.pause();
    await response.close();
  }
}

const hostOf = (url: string): string => new URL(url).host;

/** Aborts with the job, or when nothing comes for too long. */
class SilenceWatch {
  readonly signal: AbortSignal;
  readonly #job: AbortSignal;
  readonly #silence = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(job: AbortSignal) {
    this.#job = job;
    this.signal = AbortSignal.any([job, this.#silence.signal]);
    this.resume();
  }

  get isGivenUp(): boolean {
    return this.#job.aborted;
  }

  resume(): void {
    this.pause();
    this.#timer = setTimeout(() => this.#silence.abort(new Error(`nothing came for ${SILENCE_MS} ms`)), SILENCE_MS);
  }

  pause(): void {
    clearTimeout(this.#timer);
  }
}
