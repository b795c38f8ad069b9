import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What a block of `stat` stands for, whatever the disk. **Source:** POSIX, sys/stat.h on Linux. */
const BLOCK_BYTES = 512;
const AT_ONCE = 64;

/** What one folder holds directly: bytes on the disk, and the folders to go on with. A file with several names counts once. */
async function measureEntries(folder: string, device: number, seen: Set<number>): Promise<{ bytes: number; folders: string[] }> {
  const names = await readdir(folder).catch(() => []);
  const folders: string[] = [];
  let bytes = 0;
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const paths = names.slice(at, at + AT_ONCE).map((name) => join(folder, name));
    // What vanished meanwhile counts nothing.
    const found = await Promise.all(paths.map((path) => lstat(path).catch(() => null)));
    for (const [index, entry] of found.entries()) {
      if (entry === null || entry.dev !== device || seen.has(entry.ino)) continue;
      bytes += entry.blocks * BLOCK_BYTES;
      if (entry.isDirectory()) folders.push(paths[index] ?? '');
      else if (entry.nlink > 1) seen.add(entry.ino);
    }
  }
  return { bytes, folders };
}

/** Bytes that a folder takes on its disk, with all below it; links are not followed. Zero for a folder that is not there. Breaks off when `signal` aborts. */
export async function measureFolder(path: string, signal?: AbortSignal): Promise<number> {
  const root = await lstat(path).catch(() => null);
  if (root === null) return 0;
  const waiting = [path];
  const seen = new Set<number>();
  let bytes = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (signal?.aborted === true) break;
    const found = await measureEntries(folder, root.dev, seen);
    bytes += found.bytes;
    waiting.push(...found.folders);
  }
  return bytes;
}
