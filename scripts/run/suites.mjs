// The vitest suite of every package. A PGlite costs a core and up to 1 GB while it starts, so few run at once.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { run, seconds } from './process.mjs';

/** A suite that takes longer hangs, also on a slow machine. */
const SUITE_LIMIT_MS = 30 * 60_000;
const NO_RESULT = { passed: 0, failed: [], failedFiles: [], skipped: [] };

/** Files of a suite that are run again when they fail; more than these are not unsteady but broken. */
const MOST_FILES_AGAIN = 10;

/** A machine may stand still for seconds at any time. */
const TIMES_AGAIN = 2;

/** Every workspace package with a `test` script, or those whose folder or name is asked for. */
export function findSuites(root, wanted) {
  const folders = ['packages', 'apps'].flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(parent, name)));
  const suites = folders.filter((folder) => existsSync(join(root, folder, 'package.json')) && hasTestScript(join(root, folder)));
  return suites.filter((folder) => wanted.length === 0 || wanted.some((name) => folder === name || folder.endsWith(`/${name}`)));
}

function hasTestScript(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).scripts?.test !== undefined;
}

/** These wait most of their time, for leases to run out and for processes: they run beside the others, and before them when they can. */
const WAITING = new Set(['packages/chaos', 'apps/cli', 'apps/worker']);

/** The long ones go first, so that both lanes end together. */
const LONG = ['apps/web', 'packages/core', 'apps/server'];

/** What computes all the time waits for what has a lease to keep. */
export const BUSY_NICENESS = 5;

/**
 * Two lanes of suites, one of them of those that wait; the one that ends first takes from the other. More lanes fill a
 * small machine so far that its tests run out of time. The busy lane begins after `before`, which computes as well.
 * Answers what `runSuite` does for each.
 */
export async function runSuites(parts, suites, before = Promise.resolve()) {
  const others = suites.filter((folder) => !WAITING.has(folder) && !LONG.includes(folder));
  const busy = [...LONG.filter((folder) => suites.includes(folder)), ...others];
  const waiting = suites.filter((folder) => WAITING.has(folder));
  const results = [];
  const drain = async (own, other, isShown) => {
    for (;;) {
      const folder = own.shift() ?? other.shift();
      if (folder === undefined) return;
      results.push(await runSuite(parts, folder, { isShown }));
    }
  };
  const compute = async () => {
    await before;
    await drain(busy, waiting, true);
  };
  await Promise.all([compute(), drain(waiting, busy, busy.length === 0)]);
  const settled = [];
  for (const result of results) settled.push(isWorthAgain(result) ? await runAgain(parts, result) : result);
  return settled;
}

const isWorthAgain = ({ problem, failedFiles }) => problem !== undefined && failedFiles.length <= MOST_FILES_AGAIN;

/**
 * Failed files again, with the machine to themselves, and the whole suite where the runner itself failed. A test that failed
 * every time is broken; what has passed once is named in the summary as unsteady.
 */
async function runAgain(parts, first) {
  const { folder, failedFiles } = first;
  let broken = first.failed;
  for (let time = 0; time < TIMES_AGAIN; time += 1) {
    const again = await runSuite(parts, folder, { isShown: true, files: failedFiles });
    if (failedFiles.length === 0 && again.problem === undefined) return { ...again, unsteady: [first.problem] };
    if (failedFiles.length === 0 || again.passed === 0) continue;
    broken = broken.filter((title) => again.failed.includes(title));
    if (broken.length > 0) continue;
    return { ...first, passed: first.passed + first.failed.length, failed: [], problem: undefined, unsteady: first.failed };
  }
  const unsteady = first.failed.filter((title) => !broken.includes(title));
  const what = broken.length > 0 ? `${broken.length} failed` : first.problem;
  return {
    ...first,
    passed: first.passed + unsteady.length,
    failed: broken,
    problem: `${what}, also when run again alone`,
    unsteady,
  };
}

/**
 * Runs one suite, or some files of it; its output is shown as it comes, or when it has ended.
 * Answers `{ folder, time, passed, failed, failedFiles, skipped, problem }`: `failed` are titles.
 */
async function runSuite({ root, toolchain }, folder, { isShown, files = [] }) {
  const started = Date.now();
  const scratch = mkdtempSync(join(tmpdir(), 'tidemark-suite-'));
  const report = join(scratch, 'report.json');
  if (isShown) console.log(`\n──── ${folder}${files.length === 0 ? '' : `, again: ${files.join(', ')}`}`);
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const vitest = join('node_modules', 'vitest', 'vitest.mjs');
    const { code, output } = await run(toolchain.node, [vitest, 'run', ...reporters, ...files], {
      cwd: join(root, folder),
      show: isShown,
      limit_ms: SUITE_LIMIT_MS,
      niceness: WAITING.has(folder) ? 0 : BUSY_NICENESS,
    });
    if (!isShown) console.log(`\n──── ${folder}\n${output}`);
    const result = existsSync(report) ? readReport(report, { root, folder }) : NO_RESULT;
    return { folder, time: seconds(started), ...result, problem: findProblem(code, result) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function findProblem(code, { passed, failed }) {
  if (failed.length > 0) return `${failed.length} failed`;
  if (passed === 0) return `no test ran (vitest ended with code ${code})`;
  if (code !== 0) return `vitest ended with code ${code}`;
  return undefined;
}

function readReport(report, { root, folder }) {
  const { numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const failedFiles = testResults.filter((file) => file.status === 'failed');
  const pathOf = (file) => relative(join(root, folder), file.name);
  // A file that cannot be loaded has no tests to count, and is a failure all the same.
  const failed = failedFiles.flatMap((file) => {
    const titles = file.assertionResults.filter((test) => test.status === 'failed').map((test) => `${pathOf(file)}: ${test.fullName}`);
    return titles.length > 0 ? titles : [pathOf(file)];
  });
  const skipped = testResults.flatMap((file) => skippedGroups(file, root));
  return { passed: numPassedTests, failed, failedFiles: failedFiles.map(pathOf), skipped };
}

/** Skipped tests of one file, by their outermost describe; a single one by its full title. */
function skippedGroups(file, root) {
  const groups = new Map();
  for (const test of file.assertionResults) {
    if (test.status === 'passed' || test.status === 'failed') continue;
    const group = test.ancestorTitles.find((title) => title !== '') ?? test.title;
    groups.set(group, [...(groups.get(group) ?? []), test.fullName]);
  }
  return [...groups].map(([group, names]) => ({
    file: relative(root, file.name),
    what: names.length === 1 ? names[0] : `${group}, ${names.length} tests`,
  }));
}
