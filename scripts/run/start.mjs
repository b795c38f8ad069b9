// `npm start` and `npm run tidemark`: the server with one worker, and the command line.
import { join } from 'node:path';
import { run } from './process.mjs';
import { installPackages, step } from './steps.mjs';

/** Answers the exit code of `tidemark up`, which gets every argument after `--`. */
export async function runStart({ root, toolchain, args }) {
  await installPackages(root);
  const isBuilt = await step('build', ['pnpm', 'exec', 'turbo', 'run', 'build', '--ui=stream', '--output-logs=new-only'], { cwd: root });
  if (!isBuilt) return 1;
  return runTidemark({ root, toolchain, args: ['up', ...args] });
}

/** Answers the exit code of the command line. No shell and no package manager in between: signals reach it, and nothing is orphaned. */
export async function runTidemark({ root, toolchain, args }) {
  const env = { ...process.env, TIDEMARK_PARENT_PID: String(process.pid) };
  const { code } = await run(toolchain.node, [join('apps', 'cli', 'src', 'main.ts'), ...args], { cwd: root, env, show: true });
  return code;
}
