import { access, constants, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fail, ok, warn, type Check } from './check.ts';

const OLDEST_NODE = [24, 11] as const;

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNewEnough = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  const oldest = OLDEST_NODE.join('.');
  return isNewEnough
    ? ok('node', `Node ${version}`)
    : fail('node', `Node ${version} is too old`, `Install Node ${oldest} or newer, or start with "npm start", which brings its own.`);
}

/** Programs that are used where they are found. None is needed to run workloads. */
export async function checkPrograms(env: NodeJS.ProcessEnv): Promise<Check[]> {
  const [chromium, postgres, redis] = await Promise.all([
    findChromium(env),
    findPostgres(env),
    findProgram(env, ['redis-server', 'valkey-server']),
  ]);
  return [
    chromium === null
      ? warn('chromium', 'not found', 'Install Chromium (apt-get install chromium) or set CHROMIUM to its path; browser steps need it.')
      : ok('chromium', chromium),
    postgres === null ? ok('postgresql', 'not found; not needed, the embedded database is used') : ok('postgresql', postgres),
    redis === null ? ok('redis', 'not found; not needed with one server') : ok('redis', redis),
  ];
}

async function findChromium(env: NodeJS.ProcessEnv): Promise<string | null> {
  const given = env['CHROMIUM'];
  if (given !== undefined && given !== '') return (await isExecutable(given)) ? given : null;
  return findProgram(env, ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']);
}

const DEBIAN_POSTGRES = '/usr/lib/postgresql';

async function findPostgres(env: NodeJS.ProcessEnv): Promise<string | null> {
  const onPath = await findProgram(env, ['postgres']);
  if (onPath !== null) return onPath;
  const versions = await readdir(DEBIAN_POSTGRES).catch(() => []);
  for (const version of versions.toSorted((a, b) => Number(b) - Number(a))) {
    const path = join(DEBIAN_POSTGRES, version, 'bin', 'postgres');
    if (await isExecutable(path)) return path;
  }
  return null;
}

async function findProgram(env: NodeJS.ProcessEnv, names: readonly string[]): Promise<string | null> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (await isExecutable(path)) return path;
    }
  }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
