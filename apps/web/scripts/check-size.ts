import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import * as z from 'zod';

const Manifest = z.record(
  z.string(),
  z.object({
    file: z.string(),
    isEntry: z.boolean().optional(),
    imports: z.array(z.string()).optional(),
    isDynamicEntry: z.boolean().optional(),
  }),
);
const INITIAL_MAX = 250_000;
const ROUTE_MAX = 80_000;

const dist = new URL('../dist/', import.meta.url);
const manifest = Manifest.parse(JSON.parse(await readFile(new URL('.vite/manifest.json', dist), 'utf8')));

/** A chunk and everything it imports at once. */
function closure(key: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[key];
  if (chunk === undefined || seen.has(key)) return seen;
  seen.add(key);
  for (const imported of chunk.imports ?? []) closure(imported, seen);
  return seen;
}

async function gzipped(keys: Iterable<string>): Promise<number> {
  let total = 0;
  for (const key of keys) {
    const file = manifest[key]?.file;
    if (file?.endsWith('.js') === true) total += gzipSync(await readFile(new URL(file, dist)), { level: 9 }).length;
  }
  return total;
}

const entry = Object.keys(manifest).find((key) => manifest[key]?.isEntry === true);
if (entry === undefined) throw new Error('dist has no entry: run the build first.');
const initial = closure(entry);
const problems: string[] = [];

function report(name: string, bytes: number, max: number): void {
  process.stdout.write(`${name}: ${(bytes / 1000).toFixed(1)} of ${max / 1000} kB gzip\n`);
  if (bytes > max) problems.push(`${name} is over its budget.`);
}

report('initial', await gzipped(initial), INITIAL_MAX);
for (const [key, chunk] of Object.entries(manifest)) {
  if (chunk.isDynamicEntry !== true) continue;
  report(key, await gzipped([...closure(key)].filter((part) => !initial.has(part))), ROUTE_MAX);
}
if (problems.length > 0) throw new Error(problems.join(' '));
