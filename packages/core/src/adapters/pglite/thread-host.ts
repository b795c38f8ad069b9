import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { PGliteOptions } from '@electric-sql/pglite';
import type { DatabaseLogger } from '../../db/logger.ts';
import { AppError } from '../../errors.ts';
import { ProtocolStream } from './protocol-stream.ts';

export interface ThreadOptions {
  readonly data_dir: string;
  /** Server settings that every session starts with. */
  readonly settings: Readonly<Record<string, string>>;
  /** Tar of an initialised data directory, to start from instead of an empty one. */
  readonly template: Uint8Array<ArrayBuffer> | null;
}

/** PostgreSQL, compiled. */
type PostgresCode = NonNullable<PGliteOptions['pgliteWasmModule']>;

/** Node has it; its types leave it to those of the DOM. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<PostgresCode> };

/** What a thread is started with. */
export interface ThreadData extends ThreadOptions {
  readonly code: PostgresCode;
}

export type ThreadRequest = { kind: 'connect'; port: MessagePort } | { kind: 'dump' } | { kind: 'close' };
type ThreadReply = { kind: 'ready' } | { kind: 'dumped'; bytes: Uint8Array<ArrayBuffer> };

const CLOSE_TIMEOUT_MS = 30_000;

function gone(message: string, cause?: unknown): AppError {
  return new AppError('UNAVAILABLE', message, { cause });
}

let compiled: Promise<PostgresCode> | null = null;

/** PostgreSQL's code, compiled once for all databases of this process and for every thread that follows a crashed one. */
function compileCode(): Promise<PostgresCode> {
  const path = join(dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite')), 'pglite.wasm');
  compiled ??= readFile(path).then((bytes) => WebAssembly.compile(bytes));
  return compiled;
}

/**
 * Keeps PGlite on a thread of its own, where a long query cannot stall this one. A thread that crashed fails the calls it
 * had, and the next connection starts another, which recovers as after a killed process. In memory there is nothing to recover.
 */
export class ThreadHost {
  readonly #options: ThreadOptions;
  readonly #logger: DatabaseLogger;
  readonly #streams = new Set<ProtocolStream>();
  #worker: Worker | null = null;
  #code: PostgresCode | null = null;
  #isClosing = false;

  constructor(options: ThreadOptions, logger: DatabaseLogger) {
    this.#options = options;
    this.#logger = logger;
  }

  /** Starts the database and waits until it answers. @throws UNAVAILABLE when it cannot be opened. */
  async start(): Promise<void> {
    this.#code = await compileCode();
    const worker = this.#spawn();
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve());
      worker.once('error', (error) => reject(gone(`The embedded database in ${this.#options.data_dir} could not be opened.`, error)));
      worker.once('exit', () => reject(gone(`The embedded database in ${this.#options.data_dir} ended while it was starting.`)));
    });
  }

  /** A socket for pg. Requests sent before the thread is ready wait in its mailbox. */
  openStream(): ProtocolStream {
    const stream = new ProtocolStream(() => this.#connect());
    this.#streams.add(stream);
    stream.once('close', () => this.#streams.delete(stream));
    return stream;
  }

  /** Tar of the data directory; nothing may be running. */
  async dump(): Promise<Uint8Array<ArrayBuffer>> {
    const worker = this.#worker;
    if (worker === null) throw gone('The embedded database is not running.');
    return new Promise((resolve, reject) => {
      worker.once('message', (reply: ThreadReply) => {
        if (reply.kind === 'dumped') resolve(reply.bytes);
      });
      worker.once('exit', () => reject(gone('The embedded database ended while it was copied.')));
      this.#send(worker, { kind: 'dump' });
    });
  }

  /** Shuts the database down with a checkpoint. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const worker = this.#worker;
    if (worker === null) return;
    const ended = new Promise<void>((resolve) => void worker.once('exit', () => resolve()));
    this.#send(worker, { kind: 'close' });
    const timer = setTimeout(() => void worker.terminate(), CLOSE_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }

  /** Ends the thread at once, as a crash would. */
  async kill(): Promise<void> {
    await this.#worker?.terminate();
  }

  #connect(): MessagePort {
    if (this.#isClosing) throw gone('The embedded database is closed.');
    if (this.#worker === null && this.#options.data_dir.startsWith('memory://')) {
      throw gone('The embedded database has ended, and its data, held in memory, with it.');
    }
    const worker = this.#worker ?? this.#spawn();
    const { port1, port2 } = new MessageChannel();
    worker.postMessage({ kind: 'connect', port: port2 } satisfies ThreadRequest, [port2]);
    return port1;
  }

  #send(worker: Worker, request: ThreadRequest): void {
    worker.postMessage(request);
  }

  #spawn(): Worker {
    // The flags of the process are not for the thread: `--eval` and the like would make it refuse its file.
    const worker = new Worker(new URL('./thread.ts', import.meta.url), {
      workerData: { ...this.#options, code: this.#code },
      name: 'pglite',
      execArgv: [],
    });
    this.#worker = worker;
    worker.on('error', (error) => this.#logger.error({ err: error }, 'the embedded database failed'));
    worker.once('exit', (code) => {
      if (this.#worker === worker) this.#worker = null;
      if (!this.#isClosing) this.#logger.error({ exit_code: code }, 'the thread of the embedded database ended');
      for (const stream of this.#streams) stream.destroy(gone('The embedded database ended before it answered.'));
    });
    return worker;
  }
}
