import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Names the folder of the build that all suites of one run share. */
export const BUILT_WEB = 'TIDEMARK_TEST_WEB';

/** Builds as a release does: the tests' own NODE_ENV would choose React's development build. */
export async function buildWeb(outDir: string): Promise<void> {
  const bin = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js');
  await promisify(execFile)(process.execPath, [bin, 'build', '--logLevel', 'error', '--outDir', outDir, '--emptyOutDir'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, NODE_ENV: 'production' },
  });
}

/** One build for all suites, in a folder that no other build can replace meanwhile. */
export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-web-build-'));
  await buildWeb(folder);
  process.env[BUILT_WEB] = folder;
  return () => rm(folder, { recursive: true, force: true });
}
