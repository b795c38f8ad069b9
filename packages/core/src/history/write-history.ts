import { CompiledQuery, sql } from 'kysely';
import { Name } from '../contract.ts';
import { AppError } from '../errors.ts';
import type { DatabaseHandle, HistoryEntry, Roster } from '../ports/index.ts';

/** A locked table gives a reader's connection back after this long. */
const LOCK_TIMEOUT_MS = 2000;
const AHEAD_MS = 60_000;
const BEHIND_MS = 86_400_000;

/** An entry with the id it was given when it was accepted: writing it twice is writing it once. */
export interface QueuedEntry extends HistoryEntry {
  readonly id: string;
}

/**
 * Inserts rows and adds the new ones to every bucket they belong to. A repeated id adds nothing. Buckets are written in
 * the order of their key, so that two servers cannot deadlock.
 */
const WRITE = `
with put as (
  insert into worker_history (id, worker_id, worker_type, job_id, event, keys_scanned, duration_ms, keys_per_second, started_at, is_clock_suspect, finished_at)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::float8[], $9::timestamptz[],
    $10::boolean[], $11::timestamptz[])
  on conflict (finished_at, id) do nothing
  returning worker_id, worker_type, job_id, keys_scanned::float8 as keys, duration_ms::float8 as ms, keys_per_second as rate, finished_at
)
insert into throughput_bucket (scope, key, grain, bucket_at, keys_scanned, rated_keys, busy_ms, max_keys_per_second, sample_count)
select s.scope, s.key, g.grain, date_trunc(g.grain, p.finished_at, 'UTC'), sum(p.keys), sum(case when p.rate is null then 0 else p.keys end),
  sum(case when p.rate is null then 0 else p.ms end), max(p.rate), count(*)
from put p
cross join lateral (values ('fleet', ''), ('worker_type', p.worker_type), ('worker', p.worker_id), ('job', p.job_id)) as s(scope, key)
cross join (values ('minute'), ('hour'), ('day')) as g(grain)
where p.keys is not null and (s.scope <> 'job' or g.grain = 'minute')
group by 1, 2, 3, 4 order by 1, 2, 3, 4
on conflict (scope, key, grain, bucket_at) do update set
  keys_scanned = throughput_bucket.keys_scanned + excluded.keys_scanned, rated_keys = throughput_bucket.rated_keys + excluded.rated_keys,
  busy_ms = throughput_bucket.busy_ms + excluded.busy_ms, sample_count = throughput_bucket.sample_count + excluded.sample_count,
  max_keys_per_second = greatest(throughput_bucket.max_keys_per_second, excluded.max_keys_per_second)`;

/** keys_scanned / (duration_ms / 1000); null without both, and without a positive duration. **Source:** requirement 003. */
export function keysPerSecond(keysScanned: number | null, durationMs: number | null): number | null {
  return keysScanned === null || durationMs === null || durationMs <= 0 ? null : keysScanned / (durationMs / 1000);
}

/** Whether the interval a worker tells cannot be when it says: it ends ahead of the acceptance, or a day before it. */
export function isClockSuspect(entry: Pick<HistoryEntry, 'started_at' | 'duration_ms' | 'accepted_at'>): boolean {
  if (entry.started_at === null) return false;
  const behind = Date.parse(entry.accepted_at) - (Date.parse(entry.started_at) + (entry.duration_ms ?? 0));
  return behind < -AHEAD_MS || behind > BEHIND_MS;
}

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

async function typesOf(database: DatabaseHandle, roster: Roster, entries: readonly QueuedEntry[]): Promise<(entry: QueuedEntry) => string> {
  const registered = new Map<string, string>();
  for (const workerId of new Set(entries.map((entry) => entry.worker_id))) {
    const worker = await roster.get(workerId).catch(nullWhenUnknown);
    if (worker !== null) registered.set(workerId, worker.worker_type);
  }
  const strangers = entries.filter((entry) => !registered.has(entry.worker_id)).map((entry) => entry.job_id);
  const told = strangers.length === 0 ? new Map<string, string>() : await readJobTypes(database, [...new Set(strangers)]);
  return (entry) => registered.get(entry.worker_id) ?? told.get(entry.job_id) ?? 'unknown';
}

/** Writes a batch and its roll-ups: all of it or nothing. */
export async function writeHistory(database: DatabaseHandle, roster: Roster, entries: readonly QueuedEntry[]): Promise<void> {
  const typeOf = await typesOf(database, roster, entries);
  const query = CompiledQuery.raw(WRITE, [
    entries.map((entry) => entry.id),
    entries.map((entry) => entry.worker_id),
    entries.map(typeOf),
    entries.map((entry) => entry.job_id),
    entries.map((entry) => entry.event),
    entries.map((entry) => entry.keys_scanned),
    entries.map((entry) => entry.duration_ms),
    entries.map((entry) => keysPerSecond(entry.keys_scanned, entry.duration_ms)),
    entries.map((entry) => entry.started_at),
    entries.map(isClockSuspect),
    entries.map((entry) => entry.accepted_at),
  ]);
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
