import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { readSecretKeys } from './secret-keys.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-keys-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const keysOf = (env: Record<string, string>) => readSecretKeys(readConfig({ DATA_DIR: join(folder, 'data'), ...env }, false));

it('the key is made once, kept for its owner alone, and found again', async () => {
  const both = await Promise.all([keysOf({}), keysOf({})]);
  const path = join(folder, 'data', 'secret.key');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await chmod(path, 0o644);
  const [key] = await keysOf({});
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(both.map(([made]) => made?.id)).toContain(key?.id);
  expect(key?.bytes).toHaveLength(32);
  expect(await readFile(path, 'utf8')).not.toContain(key?.id);
  await writeFile(path, '');
  await expect(keysOf({})).rejects.toThrow(/holds no key/);
});

it('keys of the environment come in their order, and a short one is refused', async () => {
  const [one, two] = ['a'.repeat(40), 'b'.repeat(40)];
  const keys = await keysOf({ TIDEMARK_SECRET_KEY: `${one},${two}` });
  const turned = await keysOf({ TIDEMARK_SECRET_KEY: `${two},${one}` });
  expect(keys.map(({ id }) => id)).toEqual(turned.map(({ id }) => id).toReversed());
  expect(() => readConfig({ TIDEMARK_SECRET_KEY: 'short-secret' }, false)).toThrow(/at least 32/);
  try {
    readConfig({ TIDEMARK_SECRET_KEY: 'short-secret' }, false);
  } catch (error) {
    expect(String(error)).not.toContain('short-secret');
  }
});
