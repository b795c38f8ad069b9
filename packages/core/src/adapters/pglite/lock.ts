import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../errors.ts';

export interface DirectoryLock {
  release(): void;
}

function readHolder(path: string): string {
  try {
    return ` (process ${readFileSync(path, 'utf8').trim()})`;
  } catch {
    return '';
  }
}

/**
 * Keeps a second process out of `dataDir`: PGlite itself would let it in and lose rows that were acknowledged. The lock is a file
 * lock beside the directory, which the kernel releases however the process ends. Creates the parent directories.
 * @throws UNAVAILABLE when another process, or this one, has the directory open.
 */
export function lockDirectory(dataDir: string): DirectoryLock {
  mkdirSync(dirname(dataDir), { recursive: true });
  const holderPath = `${dataDir}.pid`;
  const file = new DatabaseSync(`${dataDir}.lock`);
  try {
    file.exec('pragma locking_mode = exclusive; begin exclusive');
  } catch (error) {
    file.close();
    throw new AppError(
      'UNAVAILABLE',
      `The data directory ${dataDir} is in use by another Tidemark server${readHolder(holderPath)}. ` +
        'Stop that server, choose another DATA_DIR, or set DATABASE_URL to share one PostgreSQL between servers.',
      { cause: error },
    );
  }
  // Only for the message above; never trusted.
  writeFileSync(holderPath, `${process.pid}\n`);
  return { release: () => file.close() };
}
