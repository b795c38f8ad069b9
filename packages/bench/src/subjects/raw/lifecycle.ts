import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../../machine/find-program.ts';
import { readNumber, settle, withClient } from '../../machine/postgres.ts';
import type { Outcome, TrialRequest } from '../../trial.ts';
import { payloadOf } from '../payload.ts';
import { differs } from '../tally.ts';
import { RAW_SCHEMA } from './schema.ts';

const run = promisify(execFile);

/** Claims a batch in one statement, completes it with its history in the next: two commits per batch. */
function script(batch: number): string {
  return `
with picked as materialized (
  select array(select id from job where status = 0 order by priority desc, id limit ${batch} for update skip locked) as ids
), claimed as (
  update job set status = 1, worker_id = :client_id::int, epoch = epoch + 1, started_at = now(), lease_until = now() + interval '30 s'
  where id = any ((select ids from picked)::bigint[]) returning id
) select coalesce(array_agg(id), '{}') as ids from claimed \\gset
with done as (
  update job set status = 2, finished_at = now(), lease_until = null, duration_ms = 0 where id = any (:ids::bigint[]) returning id
) insert into history (job_id, worker_id, event, keys_scanned, duration_ms) select id, :client_id::int, 1, 0, 0 from done;
`;
}

/** The raw life cycle through pgbench with prepared statements: what any engine on this database is measured against. */
export async function lifecycleLimit({ trial, postgres_url, scratch_dir }: TrialRequest): Promise<Outcome> {
  const { n, agents, lease } = trial.params;
  const pgbench = findProgram('pgbench');
  if (pgbench === null) throw new Error('pgbench was not found: install it, or leave out the subject raw');
  const transactions = Math.floor(n / lease / agents);
  const jobs = transactions * lease * agents;
  await withClient(postgres_url, async (client) => {
    await client.query(RAW_SCHEMA);
    await client.query('insert into job (payload) select $1 from generate_series(1, $2::int)', [JSON.stringify(payloadOf(0)), jobs]);
  });
  await settle(postgres_url);
  const path = join(scratch_dir, 'lifecycle.sql');
  await writeFile(path, script(lease));
  const args = ['-n', '-M', 'prepared', '-c', String(agents), '-j', '1', '-t', String(transactions), '-f', path, postgres_url];
  const { stdout } = await run(pgbench, args);
  const tps = Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
  return withClient(postgres_url, async (client) => ({
    measures: [{ value: tps * lease, unit: 'jobs/s', n: jobs }],
    problems: [
      ...differs('completed jobs', await readNumber(client, 'select count(*) from job where status = 2'), jobs),
      ...differs('history rows', await readNumber(client, 'select count(*) from history'), jobs),
    ],
  }));
}
