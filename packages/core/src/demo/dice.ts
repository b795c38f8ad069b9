import { idFloor } from '../ids.ts';
import type { Span } from './span.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** Stands where ids of other origin count within a millisecond: what the demo made is told by it. */
export const DEMO_MARK = 'dem0';

/** FNV-1a: spreads names over the seeds. */
function hash(text: string): number {
  let value = 2_166_136_261;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 16_777_619);
  return value >>> 0;
}

/** Repeatable chance: the same seed and topic throw the same numbers, whatever other topics throw. It knows the time the demo covers. */
export class Dice {
  readonly span: Span;
  #state: number;

  constructor(span: Span, topic: string) {
    this.span = span;
    this.#state = (span.seed ^ hash(topic)) >>> 0;
  }

  /** From 0 up to but without 1. **Source:** mulberry32 by Tommy Ettinger, public domain. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number, both ends included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[Math.floor(this.next() * items.length)] ?? items[0];
  }

  /** A whole number around a median with a long tail upwards, as durations have; `spread` is the deviation of its logarithm. */
  around(median: number, spread: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return Math.max(1, Math.round(median * Math.exp(spread * normal)));
  }

  /** An id of something made at that time, marked as the demo's. */
  id(prefix: string, ms: number): string {
    let tail = '';
    for (let index = 0; index < 8; index += 1) tail += ALPHABET[Math.floor(this.next() * 32)] ?? '0';
    return `${idFloor(prefix, ms)}${DEMO_MARK}${tail}`;
  }
}

/** When people work: the share of a day's average that an hour of it sees, in UTC; less at weekends. */
export function bustle(ms: number): number {
  const at = new Date(ms);
  const hour = at.getUTCHours() + at.getUTCMinutes() / 60;
  const curve = 0.55 + 0.75 * Math.exp(-((hour - 14) ** 2) / 22);
  return at.getUTCDay() === 0 || at.getUTCDay() === 6 ? curve * 0.6 : curve;
}
