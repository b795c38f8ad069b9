// The licence of every installed package, as its own package.json tells it, is one that lets anybody use, change and pass on what is built.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './source-files.ts';

const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
]);

/** Packages under another licence, and why they may be here. */
const EXCEPTIONS: readonly { readonly name: RegExp; readonly licence: string; readonly reason: string }[] = [
  { name: /^lightningcss(?:-[a-z0-9-]+)?$/, licence: 'MPL-2.0', reason: 'builds the style sheets, unchanged; nothing of it is passed on' },
  { name: /^(?:axe-core|@axe-core\/playwright)$/, licence: 'MPL-2.0', reason: 'runs in tests, unchanged; nothing of it is passed on' },
  { name: /^@fontsource(?:-variable)?\/ibm-plex-/, licence: 'OFL-1.1', reason: 'a font, passed on unchanged and under its name' },
];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: unknown;
}

/** Of a choice one licence must be allowed, of several at once all. */
function isAllowed(expression: string): boolean {
  const plain = expression.replaceAll(/[()]/g, ' ');
  return plain.split(/\sOR\s/).some((choice) => choice.split(/\sAND\s/).every((licence) => ALLOWED.has(licence.trim())));
}

function problemOf({ name, version, license }: Manifest): string | null {
  const licence = typeof license === 'string' ? license : JSON.stringify(license ?? 'none');
  if (isAllowed(licence) || EXCEPTIONS.some((each) => each.name.test(name) && each.licence === licence)) return null;
  return `${name}@${version}: the licence ${licence} is not on the list of scripts/check-licences.ts.`;
}

const folders = ['node_modules/.pnpm/*/node_modules/*/package.json', 'node_modules/.pnpm/*/node_modules/@*/*/package.json'];
const packages = new Map<string, Manifest>();
for (const path of globSync(folders, { cwd: root })) {
  const manifest = JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
  packages.set(`${manifest.name}@${manifest.version}`, manifest);
}
const problems = [...packages.values()].map(problemOf).filter((problem) => problem !== null);
for (const problem of problems) console.error(problem);
console.log(`${packages.size} packages, ${problems.length} under a licence that is not listed`);
if (packages.size === 0 || problems.length > 0) process.exitCode = 1;
