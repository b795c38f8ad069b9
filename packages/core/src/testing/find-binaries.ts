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

function listFolders(parent: string): string[] {
  try {
    return readdirSync(parent);
  } catch {
    return [];
  }
}

function searchPath(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
}

/** Where distributions put the server's programs, newest version first; PATH has only the client's on Debian. */
function postgresFolders(): string[] {
  const byVersion = listFolders('/usr/lib/postgresql').toSorted((a, b) => Number(b) - Number(a));
  return [...searchPath(), ...byVersion.map((version) => join('/usr/lib/postgresql', version, 'bin'))];
}

/** The folder with PostgreSQL's server programs, or null when the machine has none. */
export function findPostgres(): string | null {
  return postgresFolders().find((folder) => isExecutable(join(folder, 'postgres')) && isExecutable(join(folder, 'initdb'))) ?? null;
}

/** The redis-server program, or null when the machine has none. */
export function findRedis(): string | null {
  const named = process.env['REDIS'];
  if (named !== undefined && named !== '') return isExecutable(named) ? named : null;
  return (
    searchPath()
      .map((folder) => join(folder, 'redis-server'))
      .find(isExecutable) ?? null
  );
}
