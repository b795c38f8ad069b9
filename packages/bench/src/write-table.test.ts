import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Record } from './records.ts';
import { appendRecords, readRun, writeFacts, writeSummary } from './results.ts';
import type { RunFacts } from './results.ts';
import { writeTable } from './write-table.ts';

const FACTS: RunFacts = {
  started_at: '2026-01-02T03:04:05.000Z',
  host: {
    commit: 'abc1234',
    cpu: 'a processor',
    cores: 2,
    memory_gb: 24,
    system: 'linux 6',
    node: '24.21.0',
    postgres: '15.18',
    redis: null,
    packages: { pg: '8.23.1' },
  },
  sizes: { jobs: 10, agents: 2, leases: [10, 50], rows: [1, 2], long_run: 10, samples: 1, idle_seconds: 1, rounds: 2 },
};

function record(subject: string, round: number, value: number): Record {
  return {
    case: 'one',
    subject,
    round,
    value,
    unit: 'jobs/s',
    n: 10,
    params: { n: 10, agents: 2, lease: 1 },
    verified: true,
    problems: [],
  };
}

describe('the page of a run', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-bench-'));
    await writeFacts(folder, FACTS);
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('tells what was measured where, the ratios, and what fell short', async () => {
    await appendRecords(folder, [record('tidemark', 0, 6000), record('graphile-worker', 0, 1000), record('pg-boss', 0, 1000)]);
    await appendRecords(folder, [record('tidemark', 1, 8000), record('graphile-worker', 1, 1000), record('pg-boss', 1, 1000)]);
    const run = await readRun(folder);
    const page = writeTable(run, await writeSummary(run));
    expect(page).toContain('Measured 2026-01-02 at abc1234: a processor, 2 cores, 24 GB');
    expect(page).toContain('| in process, one per turn / graphile-worker | ≥ 5 | 6 | 7 | 8 | met |');
    expect(page).toContain('- in process, one per turn / pg-boss: 7, promised ≥ 12');
    expect(page).toContain('| one | tidemark | 10 | 6,000 | 7,000 | 8,000 | jobs/s | – |  |');
  });

  it('counts a number whose verification failed as void, and keeps why in the summary', async () => {
    await appendRecords(folder, [
      record('tidemark', 0, 6000),
      { ...record('tidemark', 1, 9000), verified: false, problems: ['one job was lost'] },
    ]);
    const run = await readRun(folder);
    const page = writeTable(run, await writeSummary(run));
    expect(page).toContain('| one | tidemark | 10 | 6,000 | 6,000 | 6,000 | jobs/s | – | 1 void |');
    expect(await readFile(join(folder, 'summary.json'), 'utf8')).toContain('one job was lost');
  });
});
