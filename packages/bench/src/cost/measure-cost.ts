import { report } from '@tidemark/core/jobs';
import { startPostgres } from '@tidemark/core/testing';
import { createWorkload, createWorkloads } from '@tidemark/core/workloads';
import type pg from 'pg';
import { createDatabase, withClient } from '../machine/postgres.ts';
import { BENCH_SETTINGS, makeLogSegments } from '../machine/start-machine.ts';
import { Tally } from '../subjects/tally.ts';
import { inputOf, inputsOf, openEngine, registerAgents } from '../subjects/tidemark/open-engine.ts';
import type { Engine } from '../subjects/tidemark/open-engine.ts';
import { runAgents } from '../subjects/tidemark/run-agents.ts';
import { inFlight } from '../subjects/timing.ts';
import { findPostmaster, forgetStatements, read, readLog, readPosition, readStatements } from './probe.ts';
import type { Reading } from './probe.ts';

const AGENTS = 50;
const BATCH = 1000;
/** Below this share of a job a line tells nothing. */
const LEAST_US = 0.1;
const LEAST_BYTES = 8;

interface Setting {
  readonly engine: Engine;
  readonly workers: readonly string[];
  readonly client: pg.Client;
  readonly postmaster: number;
  readonly say: (text: string) => void;
}

interface Phase {
  readonly name: string;
  readonly jobs: number;
  run(setting: Setting): Promise<void>;
}

function createBatches(name: string, jobs: number): Phase {
  return {
    name,
    jobs,
    run: ({ engine: { core } }) => inFlight(4, jobs / BATCH, (index) => createWorkloads(core, { items: inputsOf(index * BATCH, BATCH) })),
  };
}

function lifecycle(lease: number, jobs: number): Phase {
  return {
    name: `life cycle, ${lease} per lease`,
    jobs,
    async run({ engine: { core }, workers }) {
      const progress = { tally: new Tally(jobs), completed: 0, problems: [] };
      const agents = workers.map((worker_id) => ({ worker_id, report: (input: Parameters<typeof report>[1]) => report(core, input) }));
      await runAgents(agents, lease, progress);
      await core.history.flush();
    },
  };
}

/** Each life cycle drains what the phase before it created. */
function phasesOf(jobs: number): Phase[] {
  const single: Phase = {
    name: 'create, 50 in flight',
    jobs,
    run: ({ engine: { core } }) => inFlight(AGENTS, jobs, (index) => createWorkload(core, inputOf(index))),
  };
  return [
    createBatches('create, 1,000 per call', jobs),
    lifecycle(50, jobs),
    single,
    lifecycle(10, jobs),
    createBatches('create, again', jobs / 2),
    lifecycle(1, jobs / 2),
  ];
}

function headline(phase: Phase, before: Reading, after: Reading): string {
  const per = (value: number): string => (value / phase.jobs).toFixed(1);
  const rate = (phase.jobs * 1000) / (after.wall_ms - before.wall_ms);
  return (
    `\n${phase.name}: ${Math.round(rate).toLocaleString('en')} jobs/s; per job: database ${per(after.database_us - before.database_us)} µs, ` +
    `Node ${per(after.node_us - before.node_us)} µs, log ${Math.round((after.wal_bytes - before.wal_bytes) / phase.jobs)} B\n`
  );
}

async function measure(setting: Setting, phase: Phase): Promise<void> {
  const { client, postmaster, say } = setting;
  await setting.engine.settle();
  await forgetStatements(client);
  const start = await readPosition(client);
  const before = await read(client, postmaster);
  await phase.run(setting);
  say(headline(phase, before, await read(client, postmaster)));
  for (const { ms, wal_bytes: bytes, calls, text } of await readStatements(client)) {
    const us = (ms * 1000) / phase.jobs;
    if (us < LEAST_US) continue;
    const cost = `${us.toFixed(1).padStart(6)} µs ${String(Math.round(bytes / phase.jobs)).padStart(5)} B ${String(calls).padStart(6)} calls`;
    say(`  ${cost}  ${text.slice(0, 90)}\n`);
  }
  for (const { kind, records, record_bytes: own, page_bytes: pages } of await readLog(client, start)) {
    const bytes = (own + pages) / phase.jobs;
    if (bytes < LEAST_BYTES) continue;
    const cost = `${String(Math.round(bytes)).padStart(15)} B ${(records / phase.jobs).toFixed(1).padStart(6)} records`;
    say(`  ${cost}, ${Math.round(pages / phase.jobs)} B of whole pages  ${kind}\n`);
  }
}

/** A server with the counters of statements and of the log's records, which only this measurement needs. */
async function startServer(): ReturnType<typeof startPostgres> {
  const server = await startPostgres();
  await withClient(server.url, async (client) => {
    for (const setting of [...BENCH_SETTINGS, "shared_preload_libraries = 'pg_stat_statements'"])
      await client.query(`alter system set ${setting}`);
  });
  await server.restart();
  await makeLogSegments(server.url);
  return server;
}

/**
 * Tells what a job costs: processor time of database and Node, bytes of the log, and the dearest statements and records of each
 * phase. Wall time says how busy the machine is; these say how much work there is.
 */
export async function measureCost(jobs: number, say: (text: string) => void): Promise<void> {
  const server = await startServer();
  try {
    const { url } = await createDatabase(server.url);
    const engine = await openEngine(url);
    try {
      await withClient(url, async (client) => {
        await client.query('create extension pg_stat_statements; create extension pg_walinspect');
        await createWorkload(engine.core, inputOf(0));
        const workers = await registerAgents(engine.core, AGENTS);
        const setting = { engine, workers, client, postmaster: await findPostmaster(client), say };
        for (const phase of phasesOf(jobs)) await measure(setting, phase);
      });
    } finally {
      await engine.close();
    }
  } finally {
    await server.stop();
  }
}
