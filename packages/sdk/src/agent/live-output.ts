import type { OutputStream } from '../executors/executor.ts';

const FLUSH_MS = 100;
const CHUNK_CHARS = 65_536;
const MAX_LIVE_BYTES = 1_048_576;

export interface LiveChunk {
  seq: number;
  stream: OutputStream;
  text: string;
}

/** Gathers what a job prints into numbered chunks for the live view: at most every 100 ms or 64 KiB, and 1 MiB in all. */
export class LiveOutput {
  readonly #emit: (chunk: LiveChunk) => void;
  #stream: OutputStream = 'stdout';
  #text = '';
  #seq = 0;
  #sentBytes = 0;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(emit: (chunk: LiveChunk) => void) {
    this.#emit = emit;
  }

  write(stream: OutputStream, text: string): void {
    if (this.#isOver || text === '') return;
    if (stream !== this.#stream) this.flush();
    this.#stream = stream;
    for (let at = 0; at < text.length && !this.#isOver;) {
      const piece = text.slice(at, at + CHUNK_CHARS - this.#text.length);
      this.#text += piece;
      at += piece.length;
      if (this.#text.length >= CHUNK_CHARS) this.flush();
    }
    if (this.#text !== '') this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#text === '') return;
    const text = this.#takeText();
    this.#sentBytes += Buffer.byteLength(text);
    this.#emit({ seq: this.#seq++, stream: this.#stream, text });
    if (this.#sentBytes < MAX_LIVE_BYTES) return;
    this.#isOver = true;
    this.#text = '';
    this.#emit({
      seq: this.#seq++,
      stream: 'log',
      text: 'The live output ends here: it reached 1 MiB. The first and last part of all output follow at the end.\n',
    });
  }

  /** Sends nothing any more. */
  discard(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isOver = true;
    this.#text = '';
  }

  /** A pair of surrogates is not torn apart: its first half waits for the next chunk. */
  #takeText(): string {
    const text = this.#text;
    const last = text.charCodeAt(text.length - 1);
    const isHalf = last >= 0xd800 && last <= 0xdbff && text.length > 1;
    this.#text = isHalf ? text.slice(-1) : '';
    return isHalf ? text.slice(0, -1) : text;
  }
}
