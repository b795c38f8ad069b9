import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Debian keeps PostgreSQL's programs out of PATH, a folder per version. */
function postgresFolders(): string[] {
  try {
    const versions = readdirSync('/usr/lib/postgresql').toSorted((left, right) => Number(right) - Number(left));
    return versions.map((version) => join('/usr/lib/postgresql', version, 'bin'));
  } catch {
    return [];
  }
}

/** A program on PATH or among PostgreSQL's, or null. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''), ...postgresFolders()];
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}
