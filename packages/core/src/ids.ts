const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARS = 10;
const SEQUENCE_LIMIT = 32 ** 4;

let lastMs = 0;
let sequence = 0;
/** The characters of `lastMs`: a thousand ids made together share them. */
let lastTime = '';

function base32(value: number, chars: number): string {
  let rest = value;
  let out = '';
  for (let index = 0; index < chars; index += 1) {
    out = (ALPHABET[rest % 32] ?? '0') + out;
    rest = Math.floor(rest / 32);
  }
  return out;
}

/** Two characters for every number of ten bits. */
const PAIRS = Array.from({ length: 1024 }, (_, value) => base32(value, 2));

/** The two characters of the lowest ten bits. */
function pair(value: number): string {
  return PAIRS[value & 1023] ?? '00';
}

/** Random numbers, four for each id. */
const pool = new Uint16Array(4 * 512);
let poolAt = pool.length;

function randomPair(): string {
  if (poolAt >= pool.length) {
    crypto.getRandomValues(pool);
    poolAt = 0;
  }
  poolAt += 1;
  return pair(pool[poolAt - 1] ?? 0);
}

/**
 * A new id: prefix, 10 characters of time (ms), 4 of sequence, 8 random. Within a process ids only grow, also when the
 * clock steps back; across servers they sort by creation to the millisecond.
 */
export function newId(prefix: string, nowMs: number): string {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    lastTime = base32(lastMs, TIME_CHARS);
    sequence = 0;
  } else {
    sequence += 1;
    if (sequence >= SEQUENCE_LIMIT) {
      lastMs += 1;
      lastTime = base32(lastMs, TIME_CHARS);
      sequence = 0;
    }
  }
  return `${prefix}_${lastTime}${pair(sequence >> 10)}${pair(sequence)}${randomPair()}${randomPair()}${randomPair()}${randomPair()}`;
}

/** The smallest id of this prefix that can carry the time: bounds a range of ids by creation. */
export function idFloor(prefix: string, ms: number): string {
  return `${prefix}_${base32(Math.max(0, Math.floor(ms)), TIME_CHARS)}`;
}
