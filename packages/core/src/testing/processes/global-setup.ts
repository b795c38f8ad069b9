import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPglite } from '../../adapters/pglite/index.ts';
import { migrate } from '../../db/migrate.ts';
import { FOLDER_VARIABLE } from '../copy-migrated-database.ts';

/** Vitest's global set-up of suites that start servers as processes: the embedded database they copy, made once. */
export default async function setUp(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-migrated-'));
  const handle = await openPglite({ dataDir: join(folder, 'database') });
  try {
    await migrate(handle);
  } finally {
    await handle.close();
  }
  process.env[FOLDER_VARIABLE] = folder;
  return () => rm(folder, { recursive: true, force: true });
}
