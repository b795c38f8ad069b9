import pg from 'pg';
import type { Core } from '@tidemark/core/engine';
import { createMonitor } from '@tidemark/core/monitors';
import { CreateMonitorInput } from '@tidemark/core/monitors/contract';
import type { RecordedRun } from '@tidemark/core/ports';
import { recordFinished } from '@tidemark/core/runs';
import type { Outcome, TrialRequest } from '../../trial.ts';
import { differs } from '../tally.ts';
import { rate } from '../timing.ts';
import { openEngine } from './open-engine.ts';

const MONITORS = 100;
const INTERVAL_MS = 60_000;
const COLUMNS =
  'run_id, test_id, started_at, completed_at, duration_ms, passed, attempts, triggered_by, steps_passed, steps_total, details';

async function createMonitors(core: Core): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < MONITORS; index += 1) {
    const input = CreateMonitorInput.parse({
      name: `Monitor ${index}`,
      url: 'https://example.com',
      status: 'paused',
      interval_seconds: 60,
    });
    ids.push((await createMonitor(core, input)).id);
  }
  return ids;
}

/** The runs of a minute of all monitors, one minute after the other. */
function runAt(index: number, ids: readonly string[], startMs: number): RecordedRun {
  const minute = Math.floor(index / MONITORS);
  const at = new Date(startMs + minute * INTERVAL_MS + (index % MONITORS)).toISOString();
  return {
    run_id: `run_${String(index).padStart(10, '0')}`,
    test_id: ids[index % MONITORS] ?? '',
    passed: true,
    duration_ms: 100 + (index % 400),
    steps_passed: 1,
    steps_total: 1,
    details: 'All steps passed.',
    step_results: [],
    error: null,
    triggered_by: 'schedule',
    started_at: at,
    completed_at: at,
    attempts: 1,
    is_flaky: false,
    is_degraded: false,
    workload_id: null,
    worker_id: null,
    artifacts: [],
  };
}

function valuesOf(run: RecordedRun): unknown[] {
  const { run_id, test_id, started_at, completed_at, duration_ms, passed, attempts, triggered_by, steps_passed, steps_total, details } =
    run;
  return [run_id, test_id, started_at, completed_at, duration_ms, passed, attempts, triggered_by, steps_passed, steps_total, details];
}

/** One run, one statement, one commit, into a table like that of the runs. */
async function insertBare(client: pg.Client, runs: readonly RecordedRun[]): Promise<void> {
  const text = `insert into bare_run (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`;
  for (const run of runs) await client.query({ name: 'bare', text, values: valuesOf(run) });
}

/** Pages of runs, each one statement and one commit. */
async function insertPages(client: pg.Client, runs: readonly RecordedRun[], size: number): Promise<void> {
  const types = ['text', 'text', 'timestamptz', 'timestamptz', 'bigint', 'boolean', 'int', 'text', 'int', 'int', 'text'];
  const text = `insert into bare_page (${COLUMNS}) select * from unnest(${types.map((type, index) => `$${index + 1}::${type}[]`).join(', ')})`;
  for (let at = 0; at < runs.length; at += size) {
    const rows = runs.slice(at, at + size).map(valuesOf);
    await client.query({ name: 'page', text, values: types.map((_, column) => rows.map((row) => row[column])) });
  }
}

/** Recording runs with counts, states and the log, in pages as they end, beside inserting the bare rows: one by one, and in pages. */
export async function record(request: TrialRequest): Promise<Outcome> {
  const { n, lease: page } = request.trial.params;
  const engine = await openEngine(request.postgres_url);
  const client = new pg.Client({ connectionString: request.postgres_url });
  await client.connect();
  try {
    const ids = await createMonitors(engine.core);
    for (const name of ['bare_run', 'bare_page']) await client.query(`create table ${name} (like run including all)`);
    const startMs = Date.now() - (n / MONITORS + 1) * INTERVAL_MS;
    const runs = Array.from({ length: n }, (_, index) => runAt(index, ids, startMs));
    await engine.settle();
    const recorded = await rate('rows/s', n, async () => {
      for (let at = 0; at < n; at += page)
        await engine.database.db.transaction().execute((tx) => recordFinished(engine.core, tx, runs.slice(at, at + page)));
    });
    const bare = await rate('rows/s', n, () => insertBare(client, runs));
    const pages = await rate('rows/s', n, () => insertPages(client, runs, page));
    const { rows } = await client.query<{ runs: number; counted: number; told: number }>(`
      select (select count(*)::int from run) as runs, (select sum(total)::int from run_bucket where bucket_seconds = 86400) as counted,
        (select sum(run_total)::int from monitor_state) as told`);
    return {
      measures: [recorded, { ...bare, subject: 'bare' }, { ...pages, subject: 'bare-pages' }],
      problems: ['runs', 'counted', 'told'].flatMap((name) => differs(name, rows[0]?.[name as 'runs' | 'counted' | 'told'] ?? -1, n)),
    };
  } finally {
    await client.end();
    await engine.close();
  }
}
