import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** Commands without a folder of their own get one that starts with this; the mark tells whose it is. */
export const scratchPrefix = (mark: string): string => join(tmpdir(), `tidemark-job-${mark}`);

/** Removes the folders that an earlier, killed life of this agent could not. */
export async function removeScratchFolders(mark: string): Promise<void> {
  const prefix = basename(scratchPrefix(mark));
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(prefix));
  await Promise.all(names.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true })));
}
