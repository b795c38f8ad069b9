import { hash, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@tidemark/core/errors';
import type { SecretKey } from '@tidemark/core/ports';
import type { Config } from './config.ts';

const KEY_BYTES = 32;
const FILE = 'secret.key';
const OWNER_ONLY = 0o600;

function keyOf(text: string): SecretKey {
  const bytes = hash('sha256', `tidemark secrets\n${text}`, 'buffer');
  return { id: hash('sha256', bytes, 'hex').slice(0, 12), bytes };
}

/** Whole or not at all: of several that start at once, one makes the key and all read it. */
async function makeKey(path: string): Promise<string> {
  const text = randomBytes(KEY_BYTES).toString('base64');
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
    await link(draft, path);
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
  return text;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}

/** The key beside the data, made at the first start; its file is its owner's only. */
async function keyFromFile(folder: string): Promise<string> {
  const path = join(folder, FILE);
  try {
    await mkdir(folder, { recursive: true });
    return await makeKey(path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) await chmod(path, OWNER_ONLY);
  const text = (await readFile(path, 'utf8')).trim();
  if (text.length >= KEY_BYTES) return text;
  throw new AppError('CONFLICT', `${path} holds no key: restore it from a backup, or remove it and set all secrets again.`);
}

/** The keys for secrets at rest, the current one first: those of TIDEMARK_SECRET_KEY, else the one in the data folder. */
export async function readSecretKeys({ secret_keys: given, data_dir: folder }: Config): Promise<SecretKey[]> {
  const texts = given.length > 0 ? given : [await keyFromFile(folder)];
  return texts.map(keyOf);
}
