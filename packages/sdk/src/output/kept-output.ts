import { MAX_OUTPUT_BYTES } from '@tidemark/core/workloads/contract';

/** JSON may need six bytes for one: what is kept must also fit a request of 1 MiB. */
export const MAX_OUTPUT_JSON_BYTES = 900 * 1024;
const MARKER_ROOM_BYTES = 64;

const encoder = new TextEncoder();
const scratch = Buffer.alloc(262_144);

/** Keeps the first and the last half of any amount of output in constant memory. */
export class KeptOutput {
  readonly #half: number;
  #head = Buffer.alloc(0);
  /** A ring: once it is full, the oldest byte is at `#end`. */
  #ring = Buffer.alloc(0);
  #end = 0;
  #tailBytes = 0;
  #totalBytes = 0;

  constructor(limitBytes: number = MAX_OUTPUT_BYTES) {
    this.#half = Math.floor(limitBytes / 2);
  }

  push(text: string): void {
    for (let at = 0; at < text.length;) {
      // Into a buffer that is used again: a flood of output must not become a flood of garbage.
      const { read, written } = encoder.encodeInto(at === 0 ? text : text.slice(at), scratch);
      this.#pushBytes(scratch.subarray(0, written));
      at += read;
    }
  }

  #pushBytes(bytes: Buffer): void {
    this.#totalBytes += bytes.length;
    const room = this.#half - this.#head.length;
    if (room > 0) this.#head = Buffer.concat([this.#head, bytes.subarray(0, room)]);
    if (bytes.length > room) this.#pushTail(bytes.subarray(Math.max(0, room)));
  }

  /** What was kept, with one line in place of what was left out. */
  read(): { output: string; output_truncated: boolean } {
    const tail =
      this.#tailBytes < this.#half
        ? this.#ring.subarray(0, this.#end)
        : Buffer.concat([this.#ring.subarray(this.#end), this.#ring.subarray(0, this.#end)]);
    const whole = this.#head.length + tail.length === this.#totalBytes ? Buffer.concat([this.#head, tail]).toString() : null;
    if (whole !== null && fits(whole)) return { output: whole, output_truncated: false };
    for (let half = this.#half; ; half = Math.floor(half / 2)) {
      const output = cut({ head: this.#head, tail, half, totalBytes: this.#totalBytes });
      if (fits(output)) return { output, output_truncated: true };
    }
  }

  #pushTail(bytes: Buffer): void {
    if (this.#ring.length === 0) this.#ring = Buffer.alloc(this.#half);
    const last = bytes.subarray(Math.max(0, bytes.length - this.#half));
    const first = last.copy(this.#ring, this.#end);
    last.copy(this.#ring, 0, first);
    this.#end = (this.#end + last.length) % this.#half;
    this.#tailBytes = Math.min(this.#half, this.#tailBytes + last.length);
  }
}

/** The same cut for text that is already whole. */
export function keepOutput(text: string, limitBytes?: number): { output: string; output_truncated: boolean } {
  const kept = new KeptOutput(limitBytes);
  kept.push(text);
  return kept.read();
}

function fits(text: string): boolean {
  return Buffer.byteLength(JSON.stringify(text)) <= MAX_OUTPUT_JSON_BYTES;
}

function cut(from: { head: Buffer; tail: Buffer; half: number; totalBytes: number }): string {
  const head = from.head.subarray(0, characterEnd(from.head, Math.min(from.half, from.head.length)));
  const wanted = Math.max(0, Math.min(from.half, from.tail.length) - MARKER_ROOM_BYTES);
  const tail = from.tail.subarray(characterStart(from.tail, from.tail.length - wanted));
  const left = from.totalBytes - head.length - tail.length;
  return `${head.toString()}\n… ${left} bytes left out …\n${tail.toString()}`;
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** The last position at or before `at` where the text before it ends with a whole character. */
function characterEnd(bytes: Buffer, at: number): number {
  let start = at;
  while (start > 0 && at - start < 4 && isContinuation(bytes[start - 1])) start -= 1;
  const lead = bytes[start - 1] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  if (length === 1) return at;
  return at - (start - 1) >= length ? at : start - 1;
}

function characterStart(bytes: Buffer, at: number): number {
  let start = at;
  while (start < bytes.length && isContinuation(bytes[start])) start += 1;
  return start;
}
