import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { measureCost } from './cost/measure-cost.ts';
import { describeHost } from './machine/describe-host.ts';
import { startMachine } from './machine/start-machine.ts';
import type { Machine } from './machine/start-machine.ts';
import { HELP, readOptions, UsageError } from './options.ts';
import type { Options } from './options.ts';
import { lineOf, verdictLine } from './print.ts';
import { recordsOf } from './records.ts';
import { appendRecords, openFolder, readRun, ROOT, writeFacts, writeSummary } from './results.ts';
import type { Summary } from './results.ts';
import { runTrial } from './run-trial.ts';
import { trialsOf } from './suites.ts';
import type { Trial } from './trial.ts';
import { writeTable } from './write-table.ts';

const say = (text: string): void => void process.stdout.write(text);

/** Every round begins with another subject, so that none always runs on the warmest or the busiest machine. */
function rotate(trials: readonly Trial[], round: number): Trial[] {
  const shift = trials.length === 0 ? 0 : (round * 7) % trials.length;
  return [...trials.slice(shift), ...trials.slice(0, shift)];
}

function pickTrials(options: Options, machine: Machine): Trial[] {
  const trials = trialsOf(options.suites, options.sizes).filter(
    (trial) => options.subjects === null || options.subjects.includes(trial.subject),
  );
  if (machine.redis_url !== null) return trials;
  say('not measured: bullmq-redis (no redis-server found)\n');
  return trials.filter((trial) => trial.subject !== 'bullmq-redis');
}

async function measure(options: Options): Promise<string> {
  const startedAt = new Date().toISOString();
  const folder = await openFolder(options.out, startedAt);
  const profileDir = options.is_profiling ? join(folder, 'profiles') : null;
  if (profileDir !== null) await mkdir(profileDir, { recursive: true });
  const machine = await startMachine(process.env);
  try {
    await writeFacts(folder, { started_at: startedAt, host: await describeHost(machine), sizes: options.sizes });
    const trials = pickTrials(options, machine);
    for (let round = 0; round < options.sizes.rounds; round += 1) {
      say(`\nround ${round + 1} of ${options.sizes.rounds}\n`);
      for (const trial of rotate(trials, round)) {
        if (trial.is_once === true && round > 0) continue;
        const outcome = await runTrial(machine, trial, { timeout_ms: options.timeout_ms, profile_dir: profileDir });
        const records = recordsOf(trial, round, outcome);
        await appendRecords(folder, records);
        for (const record of records) say(lineOf(record));
      }
    }
  } finally {
    await machine.stop();
  }
  return folder;
}

function tell(summary: Summary, folder: string): void {
  say('\n           goal: ratio of each round, then smallest – median – largest\n');
  for (const verdict of summary.goals) if (verdict.result !== 'unmeasured') say(verdictLine(verdict));
  if (summary.void.length > 0) say(`${summary.void.length} measurements are void: their verification failed\n`);
  say(`\nresults: ${folder}\n`);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.command === 'help') {
    say(HELP);
    return;
  }
  if (options.command === 'cost') {
    await measureCost(options.sizes.jobs, say);
    return;
  }
  const folder = options.command === 'check' ? options.out : await measure(options);
  const run = await readRun(folder);
  const summary = await writeSummary(run);
  tell(summary, run.folder);
  const page = writeTable(run, summary, options.note);
  await writeFile(join(run.folder, 'table.md'), page);
  if (options.is_writing_docs) await writeFile(join(ROOT, 'docs', 'performance.md'), page);
  if (options.command === 'check') {
    const missed = summary.goals.filter((goal) => goal.result === 'missed').length;
    if (missed > 0 || summary.void.length > 0) process.exitCode = 1;
  }
}

// Ends through `exit`, where the started servers are taken along.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof UsageError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
});
