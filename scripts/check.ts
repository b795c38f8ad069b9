// Every static check, two at a time. `pnpm check` runs all, `pnpm check lint types` those named, `--drift` adds the generated files.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './source-files.ts';

interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

const LANES = 2;
const script = (name: string, file: string, ...args: string[]): Check => ({
  name,
  command: [process.execPath, join('scripts', file), ...args],
});
const tool = (name: string, binary: string, ...args: string[]): Check => ({
  name,
  command: [join('node_modules', '.bin', binary), ...args],
});

const projects = globSync(['{apps,packages,examples}/*/tsconfig.json', 'scripts/tsconfig.json'], { cwd: root }).sort();
const checks: Check[] = [
  tool('lint', 'oxlint', '--type-aware', '--deny-warnings'),
  tool('format', 'oxfmt', '--check', '.'),
  ...projects.map((project) => tool(`types ${project.replace('/tsconfig.json', '')}`, 'tsc', '-p', project)),
  tool('dead-code', 'knip', '--no-progress'),
  script('boundaries', 'check-boundaries.ts'),
  script('docs', 'check-docs.ts'),
  script('sizes', 'check-sizes.ts'),
  script('traces', 'check-traces.ts'),
  script('versions', 'check-versions.ts'),
  script('sql', 'check-sql.ts'),
  script('licences', 'check-licences.ts'),
];
/** What a program writes and the repository keeps; each writer compares with `--check` and changes nothing. */
const drift: Check[] = [
  script('drift schema.sql', 'dump-schema.ts', '--check'),
  script('drift openapi.json', 'write-openapi.ts', '--check'),
  script('drift lifecycle.md', 'write-lifecycle.ts', '--check'),
];

const args = process.argv.slice(2).filter((arg) => arg !== '--');
const names = args.filter((arg) => !arg.startsWith('--'));
const all = args.includes('--drift') || names.includes('drift') ? [...checks, ...drift] : checks;
const chosen = names.length === 0 ? all : all.filter(({ name }) => names.includes(name) || names.includes(name.split(' ')[0] ?? ''));

const started = Date.now();
const failed: string[] = [];
const waiting = chosen[Symbol.iterator]();
await Promise.all(Array.from({ length: LANES }, () => work()));
const verdict = failed.length === 0 ? 'all passed' : `failed: ${failed.join(', ')}`;
console.log(`checks: ${chosen.length} ran, ${verdict} (${seconds(started)})`);
if (chosen.length === 0 || failed.length > 0) process.exitCode = 1;

async function work(): Promise<void> {
  for (const check of waiting) {
    const from = Date.now();
    const { code, output } = await run(check.command);
    if (code !== 0) failed.push(check.name);
    console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${check.name} (${seconds(from)})`);
    if (code !== 0) console.log(output.trimEnd());
  }
}

function run([binary = '', ...rest]: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, rest, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }));
  });
}

function seconds(fromMs: number): string {
  return `${((Date.now() - fromMs) / 1000).toFixed(1)} s`;
}
