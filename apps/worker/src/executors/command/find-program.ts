import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';

type Found = { path: string } | { problem: string };

async function findProblem(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  if (!found) return 'not found';
  if (found.isDirectory()) return 'is a directory';
  return access(path, constants.X_OK).then(
    () => null,
    () => 'is not executable',
  );
}

/** Looks the program up as `execvp` would, so that a missing one is told apart from one that exits with 127. */
export async function findProgram(name: string, cwd: string, searchPath: string): Promise<Found> {
  if (name.includes('/')) {
    const path = resolve(cwd, name);
    const problem = await findProblem(path);
    return problem === null ? { path } : { problem: `${name}: ${problem}` };
  }
  for (const folder of searchPath.split(delimiter)) {
    const path = join(resolve(cwd, folder === '' ? '.' : folder), name);
    if ((await findProblem(path)) === null) return { path };
  }
  return { problem: `${name}: command not found (searched ${searchPath})` };
}

export async function findFolderProblem(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  if (!found) return `The working directory ${path} does not exist.`;
  return found.isDirectory() ? null : `The working directory ${path} is not a directory.`;
}
