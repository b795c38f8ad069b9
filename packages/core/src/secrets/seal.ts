import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AppError } from '../errors.ts';
import type { SecretKey } from '../ports/index.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface Sealed {
  readonly name: string;
  readonly key_id: string;
  readonly sealed: string;
}

/** The key that new values are sealed with. @throws {AppError} UNAVAILABLE without one */
export function currentKey(keys: readonly SecretKey[]): SecretKey {
  const [first] = keys;
  if (first !== undefined) return first;
  throw new AppError('UNAVAILABLE', 'This server has no key for secrets. Set TIDEMARK_SECRET_KEY.');
}

export function seal(name: string, value: string, { id, bytes }: SecretKey): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', bytes, nonce).setAAD(Buffer.from(name));
  const text = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return { name, key_id: id, sealed: Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64') };
}

/** @throws {AppError} UNAVAILABLE when its key is not there, or the value was changed by hand */
export function unseal({ name, key_id, sealed }: Sealed, keys: readonly SecretKey[]): string {
  const key = keys.find(({ id }) => id === key_id);
  if (key === undefined)
    throw new AppError(
      'UNAVAILABLE',
      `The secret ${name} is sealed with the key ${key_id}, which this server does not have. Add it to TIDEMARK_SECRET_KEY.`,
    );
  const bytes = Buffer.from(sealed, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch (error) {
    throw new AppError('UNAVAILABLE', `The secret ${name} was changed in the database, or its key is another one. Set it again.`, {
      cause: error,
    });
  }
}
