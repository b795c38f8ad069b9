// `npm test`: every check and every suite, and at the end what ran, what failed and what did not run.
import { join } from 'node:path';
import { run, seconds } from './process.mjs';
import { prepareServices } from './services.mjs';
import { installPackages, step } from './steps.mjs';
import { BUSY_NICENESS, findSuites, runSuites } from './suites.mjs';

/** Answers 0 when everything passed. Arguments name the packages to test; without any, the checks run as well. */
export async function runTests({ root, toolchain, args }) {
  const started = Date.now();
  const wanted = args.filter((arg) => arg !== '--');
  const suites = findSuites(root, wanted);
  if (suites.length === 0) throw new Error(`No package is called ${wanted.join(' or ')}.`);
  await installPackages(root);
  const services = await prepareServices();
  const failedSteps = [];
  const isBuilt = await step('build', ['pnpm', 'exec', 'turbo', 'run', 'build', '--ui=stream'], { cwd: root });
  if (!isBuilt) failedSteps.push('build');
  const check = async () => {
    const { code } = await run(toolchain.node, [join('scripts', 'check.ts'), '--drift'], {
      cwd: root,
      show: true,
      niceness: BUSY_NICENESS,
    });
    if (code !== 0) failedSteps.push('checks');
  };
  const results = await runSuites({ root, toolchain }, suites, wanted.length === 0 ? check() : undefined);
  summarise({ results, services, failedSteps, time: seconds(started) });
  return failedSteps.length > 0 || results.some((result) => result.problem !== undefined) ? 1 : 0;
}

function summarise({ results, services, failedSteps, time }) {
  console.log(`\n──── summary (${time})`);
  for (const name of failedSteps) console.log(`FAIL ${name}: see above`);
  for (const { folder, passed, problem, time: suiteTime } of results) {
    console.log(
      `${problem === undefined ? 'ok  ' : 'FAIL'} ${folder}: ${passed} passed${problem === undefined ? '' : `, ${problem}`} (${suiteTime})`,
    );
  }
  for (const { folder, unsteady = [] } of results) {
    for (const title of unsteady) console.log(`unsteady: ${folder}/${title} (failed beside other suites, passed when run again alone)`);
  }
  for (const { name, suites, reason } of services) {
    if (reason !== undefined) console.log(`not run: ${suites} need ${name}; ${reason}`);
  }
  for (const { file, what } of results.flatMap((result) => result.skipped)) {
    console.log(`not run: ${file}: ${what} (skipped by a condition in the file)`);
  }
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  // A suite that crashed before it could count is one failure.
  const failed = results.reduce((sum, result) => sum + (result.problem === undefined ? 0 : Math.max(result.failed.length, 1)), 0);
  console.log(`${passed} passed, ${failed} failed`);
}
