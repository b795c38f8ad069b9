import { execFileSync } from 'node:child_process';
import { existsSync, globSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const IGNORED = /(^|\/)(node_modules|\.git|\.toolchain|\.turbo|dist|data|coverage|test-results|\.bench)(\/|$)/;

/** Every file of the repository that is not ignored, as a path from the root, sorted. */
export function listSourceFiles(): string[] {
  const paths = listFromGit() ?? globSync('**/*', { cwd: root, exclude: (path) => IGNORED.test(path) });
  return [...new Set(paths)].filter((path) => lstatSync(join(root, path), { throwIfNoEntry: false })?.isFile()).sort();
}

/** Null outside a git checkout, as in an unpacked archive. A checkout of another user is read all the same. */
function listFromGit(): string[] | null {
  if (!existsSync(join(root, '.git'))) return null;
  const args = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
    .split('\0')
    .filter((path) => path !== '');
}
