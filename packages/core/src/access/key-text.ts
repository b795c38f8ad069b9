import { createHash, hash, randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const SECRET_CHARS = 40;
const CHECKSUM_CHARS = 6;
const PATTERN = /^tmk_([0-9a-z]{1,60})_([0-9a-z]{40})_([0-9a-z]{6})$/;

/** A key in its parts; `id` is that of the row. */
export interface KeyParts {
  readonly id: string;
  readonly secret: string;
}

function letters(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += ALPHABET[byte % 32] ?? '0';
  return out;
}

function checksum(body: string): string {
  return letters(createHash('sha256').update(body).digest().subarray(0, CHECKSUM_CHARS));
}

/** 200 random bits: 40 letters of five bits each. */
export function newSecret(): string {
  return letters(randomBytes(SECRET_CHARS));
}

export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** The text a person keeps: `tmk_<id>_<secret>_<checksum>`; the id goes in without its `key_`. */
export function formatKey(parts: KeyParts): string {
  const body = `tmk_${parts.id.replace(/^key_/, '')}_${parts.secret}`;
  return `${body}_${checksum(body)}`;
}

/** Null for text that is no key; the checksum tells a mistyped key without asking the database. */
export function parseKey(key: string): KeyParts | null {
  const match = PATTERN.exec(key);
  if (match === null) return null;
  const [, id = '', secret = '', sum = ''] = match;
  return checksum(`tmk_${id}_${secret}`) === sum ? { id: `key_${id}`, secret } : null;
}
