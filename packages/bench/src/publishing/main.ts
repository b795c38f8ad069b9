// `pnpm bench:publishing [rows] [samples]`: the five statistics beside SELECT 1 and beside the queries that requirement 004 lists, in one interleaved run.
import { openPostgres } from '@tidemark/core/adapters/postgres';
import { migrate } from '@tidemark/core/db';
import { createCore } from '@tidemark/core/engine';
import { getCampaignStats, getOrchestratorStats, getOverviewStats, getPlatformStats, getQueueStats } from '@tidemark/core/publishing';
import { startPostgres } from '@tidemark/core/testing';
import { sql } from 'kysely';
import { fill } from './fill.ts';
import { REQUIRED_FORM } from './required-form.ts';

const LIMIT = 2.5;
const [rows = 1_000_000, samples = 1000] = process.argv.slice(2).map(Number);
const SELECT_ONE = { name: 'select_one', text: 'select 1 as one' };
const DAY_MS = 86_400_000;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function timed(read: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await read();
  return performance.now() - start;
}

const server = await startPostgres();
const database = await openPostgres({ url: server.url, readers: 1 });
await migrate(database);
const core = await createCore({ database });
await fill(core, rows);

const from = new Date(Date.now() - 30 * DAY_MS - 123_456).toISOString();
const reads: Readonly<Record<string, () => Promise<unknown>>> = {
  'select 1': () => database.reader.run(SELECT_ONE, []),
  overview: () => getOverviewStats(core, {}),
  queue: () => getQueueStats(core, {}),
  orchestrator: () => getOrchestratorStats(core, {}),
  platforms: () => getPlatformStats(core, {}),
  campaigns: () => getCampaignStats(core, {}),
  'queue of 30 days': () => getQueueStats(core, { from }),
  'overview of 30 days': () => getOverviewStats(core, { from }),
};
const { 'select 1': selectOne = () => Promise.resolve(), ...others } = reads;

/** Read and `select 1` by turns, so that both see the same machine and the same warmth. */
async function compare(read: () => Promise<unknown>): Promise<{ ms: number; one: number }> {
  const times: number[] = [];
  const ones: number[] = [];
  for (let sample = -50; sample < samples; sample += 1) {
    const one = await timed(selectOne);
    const ms = await timed(read);
    if (sample < 0) continue;
    ones.push(one);
    times.push(ms);
  }
  return { ms: median(times), one: median(ones) };
}

const naive = new Map<string, number>();
for (const [name, texts] of Object.entries(REQUIRED_FORM)) {
  const times: number[] = [];
  for (let sample = 0; sample < 3; sample += 1)
    times.push(
      await timed(async () => {
        for (const text of texts) await sql.raw(text).execute(database.db);
      }),
    );
  naive.set(name, median(times));
}
let isMissed = false;
for (const [name, read] of Object.entries(others)) {
  const { ms, one } = await compare(read);
  const ratio = ms / one;
  isMissed ||= REQUIRED_FORM[name] !== undefined && ratio > LIMIT;
  const form = naive.get(name);
  process.stdout.write(
    `${name.padEnd(20)} ${ms.toFixed(3)} ms  ${ratio.toFixed(2)}x select 1 (${one.toFixed(3)} ms)${form === undefined ? '' : `, required form ${form.toFixed(0)} ms`}\n`,
  );
}
await core.stop();
await database.close();
await server.stop();
process.exitCode = isMissed ? 1 : 0;
