import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GOALS } from './goals.ts';
import { judge } from './judge.ts';
import type { Verdict } from './judge.ts';
import type { Host } from './machine/describe-host.ts';
import type { Record } from './records.ts';
import type { Sizes } from './suites.ts';

export const ROOT = resolve(import.meta.dirname, '../../..');
const RESULTS = join(ROOT, '.bench');

export interface RunFacts {
  readonly started_at: string;
  readonly host: Host;
  readonly sizes: Sizes;
}

/** What summary.json holds. */
export interface Summary extends RunFacts {
  readonly void: readonly {
    readonly case: string;
    readonly subject: string;
    readonly round: number;
    readonly problems: readonly string[];
  }[];
  readonly goals: readonly Verdict[];
}

export interface Run {
  readonly folder: string;
  readonly facts: RunFacts;
  readonly records: readonly Record[];
}

/** Makes the folder of a run; a name is given or derived from the time. */
export async function openFolder(out: string | null, startedAt: string): Promise<string> {
  const folder = out === null ? join(RESULTS, startedAt.replaceAll(':', '-').slice(0, 19)) : resolve(out);
  await mkdir(folder, { recursive: true });
  return folder;
}

export async function writeFacts(folder: string, facts: RunFacts): Promise<void> {
  await writeFile(join(folder, 'run.json'), `${JSON.stringify(facts, null, 2)}\n`);
}

/** Each measurement is on disk before the next begins: a run that is cut short keeps what it has. */
export async function appendRecords(folder: string, records: readonly Record[]): Promise<void> {
  await appendFile(join(folder, 'results.jsonl'), records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

/** A finished or interrupted run; the newest one without a folder. @throws when there is none. */
export async function readRun(out: string | null): Promise<Run> {
  let folder = out === null ? null : resolve(out);
  if (folder === null) {
    const names = await readdir(RESULTS).catch(() => []);
    // Named by their time.
    const newest = names.toSorted((left, right) => left.localeCompare(right)).at(-1);
    if (newest === undefined) throw new Error('There are no results in .bench/ yet: run pnpm bench all first.');
    folder = join(RESULTS, newest);
  }
  const facts = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as RunFacts;
  const lines = (await readFile(join(folder, 'results.jsonl'), 'utf8')).split('\n').filter((line) => line !== '');
  return { folder, facts, records: lines.map((line) => JSON.parse(line) as Record) };
}

function summarize({ facts, records }: Run): Summary {
  const voided = records.filter((record) => !record.verified);
  return {
    ...facts,
    void: voided.map(({ case: name, subject, round, problems }) => ({ case: name, subject, round, problems })),
    goals: GOALS.map((goal) => judge(goal, records)),
  };
}

export async function writeSummary(run: Run): Promise<Summary> {
  const summary = summarize(run);
  await writeFile(join(run.folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  return summary;
}
