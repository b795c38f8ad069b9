// Packages with known holes below a version: what is installed must not be older. Each floor is the release that closed one.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './source-files.ts';

/** Where it is installed, and the oldest release that may be. */
const FLOORS = [
  { name: '@trpc/server', folder: 'packages/api', least: '11.15.0' },
  { name: 'kysely', folder: 'packages/core', least: '0.28.17' },
  { name: 'isolated-vm', folder: 'apps/worker', least: '7.0.1' },
  { name: '@hono/node-server', folder: 'apps/server', least: '2.1.8' },
];
const LEAST_NODE = '24.11.0';

function isAtLeast(version: string, least: string): boolean {
  const parts = (text: string): number[] => text.split('-')[0]?.split('.').map(Number) ?? [];
  const [have, want] = [parts(version), parts(least)];
  for (const [index, number] of want.entries()) {
    if ((have[index] ?? 0) !== number) return (have[index] ?? 0) > number;
  }
  return true;
}

/** The installed version; packages do not all export their package.json, so it is looked for beside their entry. */
function installed(name: string, folder: string): string {
  const require = createRequire(join(root, folder, 'package.json'));
  const paths = (require.resolve.paths(name) ?? []).map((path) => join(path, name, 'package.json'));
  for (const path of paths) {
    try {
      return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
    } catch {
      // Not in this folder; the next one up.
    }
  }
  return 'none';
}

const problems = FLOORS.flatMap(({ name, folder, least }) => {
  const version = installed(name, folder);
  return version !== 'none' && isAtLeast(version, least) ? [] : [`${name} in ${folder} is ${version}; ${least} or newer is needed.`];
});
if (!isAtLeast(process.versions.node, LEAST_NODE)) problems.push(`Node is ${process.versions.node}; ${LEAST_NODE} or newer is needed.`);
for (const problem of problems) console.error(problem);
console.log(`${FLOORS.length + 1} floors, ${problems.length} below`);
if (problems.length > 0) process.exitCode = 1;
