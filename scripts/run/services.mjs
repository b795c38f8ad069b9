// The programs some suites need. Found, or installed where that is safe, or named as missing.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, seconds } from './process.mjs';

const SERVICES = [
  { name: 'PostgreSQL', url: 'TEST_DATABASE_URL', find: findPostgres, apt: 'postgresql', suites: 'tests on PostgreSQL' },
  {
    name: 'Redis',
    url: 'TEST_REDIS_URL',
    find: () => findBinary(['redis-server', 'valkey-server']),
    apt: 'redis-server',
    suites: 'tests on Redis',
  },
  {
    name: 'Chromium',
    url: 'CHROMIUM',
    find: () => findBinary(['chromium', 'chromium-browser', 'google-chrome']),
    apt: 'chromium',
    suites: 'tests in a browser',
  },
  { name: 'bubblewrap', find: () => findBinary(['bwrap']), apt: 'bubblewrap', suites: 'tests of the process sandbox' },
];

/** Finds every service, installs what is missing where it can, and answers `[{ name, suites, where, reason }]`. */
export async function prepareServices() {
  let found = locate();
  let reason = 'it is neither configured nor installed';
  if (found.some((service) => service.where === undefined)) {
    const problem = await installMissing(found.filter((service) => service.where === undefined));
    if (problem !== undefined) reason = `it is not installed, and ${problem}`;
    found = locate();
  }
  const chromium = found.find((service) => service.name === 'Chromium');
  if (chromium?.where !== undefined) process.env.CHROMIUM = chromium.where;
  return found.map((service) => ({ ...service, reason: service.where === undefined ? reason : undefined }));
}

function locate() {
  return SERVICES.map(({ name, url, find, apt, suites }) => ({ name, apt, suites, where: (url && process.env[url]) || find() }));
}

function findBinary(names, folders = (process.env.PATH ?? '').split(delimiter)) {
  for (const name of names) {
    for (const folder of folders) {
      if (folder !== '' && isExecutable(join(folder, name))) return join(folder, name);
    }
  }
  return undefined;
}

function findPostgres() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).filter((version) => Number(version) >= 15) : [];
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a));
  return findBinary(
    ['postgres'],
    [...newestFirst.map((version) => join(debian, version, 'bin')), ...(process.env.PATH ?? '').split(delimiter)],
  );
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Answers in words why nothing was installed, or undefined when apt-get did its work. */
async function installMissing(missing) {
  if (process.env.TIDEMARK_TEST_INSTALL === 'off') return 'TIDEMARK_TEST_INSTALL is off';
  if (!existsSync('/etc/debian_version') || spawnSync('apt-get', ['--version']).status !== 0) return 'this is not a Debian system';
  if (process.getuid?.() !== 0) return 'only root may install it';
  const packages = missing.map((service) => service.apt);
  const started = Date.now();
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env });
  const { code, output } = await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
  console.log(`${code === 0 ? 'ok  ' : 'note'} apt-get install ${packages.join(' ')} (${seconds(started)})`);
  return code === 0 ? undefined : `apt-get failed: ${output.trimEnd().split('\n').at(-1)}`;
}
