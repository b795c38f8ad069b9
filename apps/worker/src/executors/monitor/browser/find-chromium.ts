import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const VERSION_MS = 10_000;
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'headless_shell'];

export interface Chromium {
  path: string;
  version: string;
}

async function tryOut(path: string): Promise<Chromium | null> {
  try {
    await access(path, constants.X_OK);
    const { stdout } = await run(path, ['--version'], { timeout: VERSION_MS });
    const version = /(?:Chromium|Chrome)\D*([\d.]+)/.exec(stdout)?.[1];
    return version === undefined ? null : { path, version };
  } catch {
    return null;
  }
}

/** The first Chromium that starts: `CHROMIUM`, else /usr/bin/chromium, else one on the path. Null when there is none. */
export async function findChromium(env: Readonly<Record<string, string | undefined>>): Promise<Chromium | null> {
  const named = env['CHROMIUM'];
  if (named !== undefined && named !== '') return tryOut(named);
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  for (const path of new Set(['/usr/bin/chromium', ...onPath])) {
    const found = await tryOut(path);
    if (found !== null) return found;
  }
  return null;
}
