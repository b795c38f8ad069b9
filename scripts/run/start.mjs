// `npm start`: install, build the web app, then the server and one worker in one process of their own.
import { join } from 'node:path';
import { run } from './process.mjs';
import { installPackages, step } from './steps.mjs';

/** Answers the exit code of `tidemark up`, which gets every argument after `--`. */
export async function runStart({ root, toolchain, args }) {
  await installPackages(root);
  const isBuilt = await step('build', ['pnpm', 'exec', 'turbo', 'run', 'build', '--ui=stream', '--output-logs=new-only'], { cwd: root });
  if (!isBuilt) return 1;
  // No shell and no package manager in between: signals reach the server, and nothing is orphaned.
  const { code } = await run(toolchain.node, [join('apps', 'cli', 'src', 'main.ts'), 'up', ...args], { cwd: root, show: true });
  return code;
}
