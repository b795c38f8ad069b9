import { realpath } from 'node:fs/promises';
import { delimiter } from 'node:path';

const TMP = '/tmp';

/**
 * A folder that the payload names and the sandbox would else take away: all of the disk where that is read-only, and what lies below
 * `/tmp`. That itself is the command's own, also when it asks to run there.
 */
export async function writableFolders(cwd: string, readOnly: boolean): Promise<string[]> {
  const folder = await realpath(cwd);
  if (folder === TMP) return [];
  return readOnly || folder.startsWith(`${TMP}/`) ? [folder] : [];
}

/** What of the machine's `/tmp` holds programs: that of the command, the agent's own, and all that are found by name. */
export async function programFolders(program: string): Promise<string[]> {
  const paths = [program, process.execPath, ...(process.env['PATH'] ?? '').split(delimiter)];
  // A link to a program lies elsewhere than what it leads to; both are needed.
  const real = await Promise.all(paths.map((path) => realpath(path).catch(() => path)));
  const inTmp = [...paths, ...real].filter((path) => path.startsWith(`${TMP}/`) && path.split('/').every((part) => part !== '..'));
  return [...new Set(inTmp.map((path) => path.split('/').slice(0, 3).join('/')))];
}
