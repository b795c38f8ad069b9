import { fdatasyncSync, openSync, closeSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { readNumber, settle } from '../../machine/postgres.ts';
import type { Measure, Outcome, TrialRequest } from '../../trial.ts';
import { payloadOf } from '../payload.ts';
import { differs } from '../tally.ts';
import { inFlight, latency, rate } from '../timing.ts';
import { RAW_SCHEMA } from './schema.ts';

const INSERT = { name: 'insert', text: 'insert into job (payload) select * from unnest($1::text[])' };
const PAGE_BYTES = 8192;

function payloads(start: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => JSON.stringify(payloadOf(start + index)));
}

/** Rows per second through `unnest`, with `agents` connections and `lease` rows per statement. */
export async function createLimit({ trial, postgres_url }: TrialRequest): Promise<Outcome> {
  const { n, agents, lease } = trial.params;
  const pool = new pg.Pool({ connectionString: postgres_url, max: agents });
  try {
    await pool.query(RAW_SCHEMA);
    await settle(postgres_url);
    const measure = await rate('jobs/s', n, () =>
      inFlight(agents, n / lease, (index) => pool.query({ ...INSERT, values: [payloads(index * lease, lease)] })),
    );
    return { measures: [measure], problems: differs('stored rows', await readNumber(pool, 'select count(*) from job'), n) };
  } finally {
    await pool.end();
  }
}

async function syncs(folder: string, n: number): Promise<Measure> {
  const file = openSync(join(folder, 'sync'), 'w');
  const page = Buffer.alloc(PAGE_BYTES, 1);
  const measure = await rate('syncs/s', n, () => {
    for (let index = 0; index < n; index += 1) {
      writeSync(file, page, 0, PAGE_BYTES, 0);
      fdatasyncSync(file);
    }
    return Promise.resolve();
  });
  closeSync(file);
  return measure;
}

/** The floor under every other number: a sync of the disk, the cheapest statement, the cheapest commit. */
export async function limits({ trial, postgres_url, scratch_dir }: TrialRequest): Promise<Outcome> {
  const { n } = trial.params;
  const pool = new pg.Pool({ connectionString: postgres_url, max: 50 });
  const measures: Measure[] = [{ ...(await syncs(scratch_dir, Math.min(n, 2000))), name: 'fdatasync of 8 kB' }];
  try {
    await pool.query(RAW_SCHEMA);
    await Promise.all(Array.from({ length: 50 }, () => pool.query('select pg_sleep(0.01)')));
    await settle(postgres_url);
    const samples: number[] = [];
    for (let index = 0; index < Math.min(n, 2000); index += 1) {
      const start = performance.now();
      await pool.query('select 1');
      samples.push(performance.now() - start);
    }
    measures.push({ ...latency(samples), name: 'select 1' });
    for (const width of [1, 10, 50]) {
      const calls = width === 1 ? Math.ceil(n / 5) : n;
      measures.push({
        ...(await rate('rows/s', calls, () => inFlight(width, calls, (index) => pool.query({ ...INSERT, values: [payloads(index, 1)] })))),
        name: `one-row commit, ${width} in flight`,
      });
    }
  } finally {
    await pool.end();
  }
  return { measures, problems: [] };
}
