import { CompiledQuery, sql } from 'kysely';
import { Name } from '../contract.ts';
import { AppError } from '../errors.ts';
import type { DatabaseHandle, HistoryEntry, Roster } from '../ports/index.ts';

/** A locked table gives a reader's connection back after this long. */
const LOCK_TIMEOUT_MS = 2000;

/**
 * Inserts packs and adds what is new in them to every bucket it belongs to. A repeated id adds nothing. Buckets are written in
 * the order of their key, so that two servers cannot deadlock.
 */
const WRITE = `
with put as (
  insert into worker_history_pack (id, worker_id, worker_type, first_at, last_at, has_failure, events, job_ids, keys_scanned, duration_ms, started_at, finished_at)
  select id, worker_id, worker_type, first_at, last_at, has_failure, events, job_ids::text[], keys_scanned::bigint[], duration_ms::bigint[],
    started_at::timestamptz[], finished_at::timestamptz[]
  from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::boolean[], $7::text[], $8::text[], $9::text[], $10::text[],
    $11::text[], $12::text[])
    as i(id, worker_id, worker_type, first_at, last_at, has_failure, events, job_ids, keys_scanned, duration_ms, started_at, finished_at)
  on conflict (id) do nothing
  returning worker_id, worker_type, job_ids, keys_scanned, duration_ms, finished_at
), told as (
  select p.worker_id, p.worker_type, r.job_id, r.keys::float8 as keys, r.finished_at, case when r.ms > 0 then r.ms::float8 end as rated_ms
  from put p cross join lateral unnest(p.job_ids, p.keys_scanned, p.duration_ms, p.finished_at) as r(job_id, keys, ms, finished_at)
  where p.keys_scanned is not null and r.keys is not null
)
insert into throughput_bucket (scope, key, grain, bucket_at, keys_scanned, rated_keys, busy_ms, max_keys_per_second, sample_count)
select s.scope, s.key, g.grain, date_trunc(g.grain, t.finished_at, 'UTC'), sum(t.keys), sum(case when t.rated_ms is null then 0 else t.keys end),
  sum(coalesce(t.rated_ms, 0)), max(t.keys / (t.rated_ms / 1000)), count(*)
from told t
cross join lateral (values ('fleet', ''), ('worker_type', t.worker_type), ('worker', t.worker_id), ('job', t.job_id)) as s(scope, key)
cross join (values ('minute'), ('hour'), ('day')) as g(grain)
where s.scope <> 'job' or g.grain = 'minute'
group by 1, 2, 3, 4 order by 1, 2, 3, 4
on conflict (scope, key, grain, bucket_at) do update set
  keys_scanned = throughput_bucket.keys_scanned + excluded.keys_scanned, rated_keys = throughput_bucket.rated_keys + excluded.rated_keys,
  busy_ms = throughput_bucket.busy_ms + excluded.busy_ms, sample_count = throughput_bucket.sample_count + excluded.sample_count,
  max_keys_per_second = greatest(throughput_bucket.max_keys_per_second, excluded.max_keys_per_second)`;

function nameIn(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('worker_type' in value)) return null;
  const parsed = Name.safeParse(value.worker_type);
  return parsed.success ? parsed.data : null;
}

/** Worker types the jobs themselves name, for workers that are registered no more. */
async function readJobTypes(database: DatabaseHandle, jobIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await database.db.selectFrom('workload').select(['id', 'payload', 'labels']).where('id', 'in', jobIds).execute();
  const types = new Map<string, string>();
  for (const row of rows) {
    const type = nameIn(JSON.parse(row.payload)) ?? nameIn(row.labels);
    if (type !== null) types.set(row.id, type);
  }
  return types;
}

/** Only a worker that is not registered has no type; a database that does not answer is a failure of the batch. */
function nullWhenUnknown(error: unknown): null {
  if (error instanceof AppError && error.code === 'NOT_FOUND') return null;
  throw error;
}

async function typesOf(
  database: DatabaseHandle,
  roster: Roster,
  entries: readonly HistoryEntry[],
): Promise<(entry: HistoryEntry) => string> {
  const registered = new Map<string, string>();
  for (const workerId of new Set(entries.map((entry) => entry.worker_id))) {
    const worker = await roster.get(workerId).catch(nullWhenUnknown);
    if (worker !== null) registered.set(workerId, worker.worker_type);
  }
  const strangers = entries.filter((entry) => !registered.has(entry.worker_id)).map((entry) => entry.job_id);
  const told = strangers.length === 0 ? new Map<string, string>() : await readJobTypes(database, [...new Set(strangers)]);
  return (entry) => registered.get(entry.worker_id) ?? told.get(entry.job_id) ?? 'unknown';
}

interface Pack {
  readonly id: string;
  readonly worker: string;
  readonly type: string;
  readonly entries: HistoryEntry[];
}

/** The entries by worker and type, each pack in the order of acceptance. */
function packsOf({ id, entries }: HistoryBatch, typeOf: (entry: HistoryEntry) => string): Pack[] {
  const packs = new Map<string, Pack>();
  for (const entry of entries) {
    const type = typeOf(entry);
    const key = `${entry.worker_id} ${type}`;
    const known = packs.get(key);
    if (known === undefined)
      packs.set(key, { id: `${id}${String(packs.size).padStart(4, '0')}`, worker: entry.worker_id, type, entries: [entry] });
    else known.entries.push(entry);
  }
  return [...packs.values()];
}

const LETTERS = { checkpoint: 'k', complete: 'c', fail: 'f' } as const satisfies Record<HistoryEntry['event'], string>;

/** Values as the database writes an array; ids, numbers and times need no quotes. Null when there is nothing but nulls. */
function arrayText(values: readonly (string | number | null)[]): string | null {
  return values.every((value) => value === null) ? null : `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

function columnsOf(packs: readonly Pack[]): unknown[] {
  const times = packs.map(({ entries }) => entries.map((entry) => entry.accepted_at).toSorted());
  return [
    packs.map((pack) => pack.id),
    packs.map((pack) => pack.worker),
    packs.map((pack) => pack.type),
    times.map((sorted) => sorted[0]),
    times.map((sorted) => sorted.at(-1)),
    packs.map(({ entries }) => entries.some((entry) => entry.event === 'fail')),
    packs.map(({ entries }) => entries.map((entry) => LETTERS[entry.event]).join('')),
    packs.map(({ entries }) => arrayText(entries.map((entry) => entry.job_id))),
    packs.map(({ entries }) => arrayText(entries.map((entry) => entry.keys_scanned))),
    packs.map(({ entries }) => arrayText(entries.map((entry) => entry.duration_ms))),
    packs.map(({ entries }) => arrayText(entries.map((entry) => entry.started_at))),
    packs.map(({ entries }) => arrayText(entries.map((entry) => entry.accepted_at))),
  ];
}

/** What is written together, under an id of its own: writing it twice is writing it once. */
export interface HistoryBatch {
  readonly id: string;
  readonly entries: readonly HistoryEntry[];
}

/** The statement that writes batches with their roll-ups. */
export function insertHistory(batches: readonly HistoryBatch[], typeOf: (entry: HistoryEntry) => string): CompiledQuery {
  return CompiledQuery.raw(WRITE, columnsOf(batches.flatMap((batch) => packsOf(batch, typeOf))));
}

/** Writes a batch and its roll-ups: all of it or nothing. */
export async function writeHistory(database: DatabaseHandle, roster: Roster, batch: HistoryBatch): Promise<void> {
  const query = insertHistory([batch], await typesOf(database, roster, batch.entries));
  if (!database.capabilities.is_shared) {
    await database.db.executeQuery(query);
    return;
  }
  // Only a shared database can be locked by somebody else.
  await database.db.transaction().execute(async (tx) => {
    await sql`select set_config('lock_timeout', ${`${LOCK_TIMEOUT_MS}ms`}, true)`.execute(tx);
    await tx.executeQuery(query);
  });
}
