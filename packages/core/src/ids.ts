const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const RANDOM_CHARS = 8;
const SEQUENCE_LIMIT = 32 ** 4;

let lastMs = 0;
let sequence = 0;

function base32(value: number, chars: number): string {
  let rest = value;
  let out = '';
  for (let index = 0; index < chars; index += 1) {
    out = (ALPHABET[rest % 32] ?? '0') + out;
    rest = Math.floor(rest / 32);
  }
  return out;
}

/** Eight random characters from the pool: five bytes make eight characters. */
const pool = new Uint8Array(5 * 512);
let poolAt = pool.length;

function random(): string {
  if (poolAt >= pool.length) {
    crypto.getRandomValues(pool);
    poolAt = 0;
  }
  let high = 0;
  for (let index = 0; index < 5; index += 1) high = high * 256 + (pool[poolAt + index] ?? 0);
  poolAt += 5;
  return base32(high, RANDOM_CHARS);
}

/**
 * A new id: prefix, 10 characters of time (ms), 4 of sequence, 8 random. Within a process ids only grow, also when the
 * clock steps back; across servers they sort by creation to the millisecond.
 */
export function newId(prefix: string, nowMs: number): string {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    sequence = 0;
  } else {
    sequence += 1;
    if (sequence >= SEQUENCE_LIMIT) {
      lastMs += 1;
      sequence = 0;
    }
  }
  return `${prefix}_${base32(lastMs, 10)}${base32(sequence, 4)}${random()}`;
}

/** The smallest id of this prefix that can carry the time: bounds a range of ids by creation. */
export function idFloor(prefix: string, ms: number): string {
  return `${prefix}_${base32(Math.max(0, Math.floor(ms)), 10)}`;
}
