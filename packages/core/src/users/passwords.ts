import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { AppError } from '../errors.ts';

/**
 * The cost of one password: 32 MiB, three passes.
 * **Source:** OWASP Password Storage Cheat Sheet, scrypt with N = 2^15, r = 8, p = 3.
 */
const COST = { ln: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Each takes memory and a thread of the pool that file access shares. */
const MAX_AT_ONCE = 2;
const MAX_WAITING = 100;

const PATTERN = /^scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9_-]+)\$([A-Za-z0-9_-]+)$/;

interface Stored {
  readonly cost: typeof COST;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

let running = 0;
const waiting: (() => void)[] = [];

async function takeTurn(): Promise<void> {
  if (running < MAX_AT_ONCE) {
    running += 1;
    return;
  }
  if (waiting.length >= MAX_WAITING) {
    throw new AppError('UNAVAILABLE', 'Too many people are signing in at once. Try again in a moment.', {
      data: { retry_after_seconds: 5 },
    });
  }
  await new Promise<void>((resolve) => waiting.push(resolve));
}

function endTurn(): void {
  const next = waiting.shift();
  if (next === undefined) running -= 1;
  else next();
}

async function derive(password: string, { cost, salt }: Pick<Stored, 'cost' | 'salt'>): Promise<Buffer> {
  await takeTurn();
  try {
    const options = { N: 2 ** cost.ln, r: cost.r, p: cost.p, maxmem: 2 ** cost.ln * cost.r * 128 + 64 * 1024 * 1024 };
    return await new Promise<Buffer>((resolve, reject) => {
      scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
    });
  } finally {
    endTurn();
  }
}

function parse(stored: string | null): Stored | null {
  const match = stored === null ? null : PATTERN.exec(stored);
  if (match === null) return null;
  const [, ln, r, p, salt = '', hash = ''] = match;
  return {
    cost: { ln: Number(ln), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  };
}

/** What is kept of a password: `scrypt$<parameters>$<salt>$<hash>`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, { cost: COST, salt });
  return `scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

/** Whether the password is the stored one. Costs the same when nothing is stored: who is unknown takes as long as who is not. */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  const known = parse(stored);
  const hash = await derive(password, known ?? { cost: COST, salt: Buffer.alloc(SALT_BYTES) });
  const isSame = timingSafeEqual(hash, known !== null && known.hash.length === HASH_BYTES ? known.hash : Buffer.alloc(HASH_BYTES));
  return isSame && known !== null;
}

/** Whether it was stored at another cost than today's, so that it should be stored anew. */
export function isOutdated(stored: string): boolean {
  return !stored.startsWith(`scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$`);
}
