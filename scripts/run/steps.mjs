// Steps with a name, a line and a time; their output is shown only when they fail.
import { run, seconds } from './process.mjs';

const isWindows = process.platform === 'win32';

/** Runs one quiet step. Answers whether it passed; a failed one prints all it said. */
export async function step(name, [command, ...args], options) {
  const started = Date.now();
  const { code, output } = await run(command, args, { shell: isWindows, ...options });
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds(started)})`);
  if (code !== 0) console.log(output.trimEnd());
  return code === 0;
}

/** Installs what the lockfile says; without it nothing else can run. */
export async function installPackages(root) {
  const isInstalled = await step('install', ['pnpm', 'install', '--frozen-lockfile'], { cwd: root });
  if (!isInstalled) throw new Error('The dependencies could not be installed.');
}
