import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { foldLog, type PlacedItem } from '../events/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { BUCKET_MS, BUCKET_SIZES, Tally, type BucketSums, type ClassCount, type Happening, HAPPENINGS } from './tally.ts';

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

async function saveBuckets(tx: Transaction<Database>, minutes: readonly BucketSums[]): Promise<void> {
  for (const size of BUCKET_SIZES) {
    const sums = new Map<string, BucketSums>();
    for (const { start, lane, counts } of minutes) {
      const floor = Math.floor(start / BUCKET_MS[size]) * BUCKET_MS[size];
      const known = sums.get(`${floor}:${lane}`) ?? {
        start: floor,
        lane,
        counts: { created: 0, started: 0, completed: 0, failed: 0, cancelled: 0 },
      };
      for (const name of HAPPENINGS) known.counts[name] += counts[name];
      sums.set(`${floor}:${lane}`, known);
    }
    const rows = [...sums.values()];
    const column = (name: Happening): number[] => rows.map((row) => row.counts[name]);
    await sql`
      insert into stat_bucket (bucket_size, bucket_start, lane_id, created, started, completed, failed, cancelled)
      select ${size}, * from unnest(${rows.map((row) => iso(row.start))}::timestamptz[], ${rows.map((row) => row.lane)}::int[],
        ${column('created')}::bigint[], ${column('started')}::bigint[], ${column('completed')}::bigint[], ${column('failed')}::bigint[],
        ${column('cancelled')}::bigint[])
      on conflict (bucket_size, bucket_start, lane_id) do update set created = stat_bucket.created + excluded.created,
        started = stat_bucket.started + excluded.started, completed = stat_bucket.completed + excluded.completed,
        failed = stat_bucket.failed + excluded.failed, cancelled = stat_bucket.cancelled + excluded.cancelled`.execute(tx);
  }
}

async function saveClasses(tx: Transaction<Database>, minutes: readonly ClassCount[]): Promise<void> {
  for (const size of BUCKET_SIZES) {
    const counts = new Map<string, ClassCount>();
    for (const entry of minutes) {
      const start = Math.floor(entry.start / BUCKET_MS[size]) * BUCKET_MS[size];
      const key = `${start}:${entry.lane}:${entry.metric}:${entry.class}`;
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { ...entry, start });
      else known.count += entry.count;
    }
    const rows = [...counts.values()];
    await sql`
      insert into stat_histogram (bucket_size, bucket_start, lane_id, metric, class, count)
      select ${size}, * from unnest(${rows.map((row) => iso(row.start))}::timestamptz[], ${rows.map((row) => row.lane)}::int[],
        ${rows.map((row) => row.metric)}::smallint[], ${rows.map((row) => row.class)}::smallint[], ${rows.map((row) => row.count)}::bigint[])
      on conflict (bucket_size, bucket_start, lane_id, metric, class) do update set count = stat_histogram.count + excluded.count`.execute(
      tx,
    );
  }
}

async function saveCreated(tx: Transaction<Database>, tally: Tally): Promise<void> {
  const rows = [...tally.created.values()];
  const column = (name: 'pending' | 'running' | 'completed' | 'failed' | 'cancelled'): number[] => rows.map((row) => row.deltas[name]);
  await sql`
    insert into stat_created (created_minute, lane_id, pending, running, completed, failed, cancelled, duration_ms_sum, duration_count)
    select * from unnest(${rows.map((row) => iso(row.minute))}::timestamptz[], ${rows.map((row) => row.lane)}::int[], ${column('pending')}::bigint[],
      ${column('running')}::bigint[], ${column('completed')}::bigint[], ${column('failed')}::bigint[], ${column('cancelled')}::bigint[],
      ${rows.map((row) => row.duration_ms_sum)}::bigint[], ${rows.map((row) => row.duration_count)}::bigint[])
    on conflict (created_minute, lane_id) do update set pending = stat_created.pending + excluded.pending,
      running = stat_created.running + excluded.running, completed = stat_created.completed + excluded.completed,
      failed = stat_created.failed + excluded.failed, cancelled = stat_created.cancelled + excluded.cancelled,
      duration_ms_sum = stat_created.duration_ms_sum + excluded.duration_ms_sum,
      duration_count = stat_created.duration_count + excluded.duration_count`.execute(tx);
}

/** Adds events of the workloads to the statistics over time, in the transaction that moves the projection. */
export async function addToStatistics(tx: Transaction<Database>, placed: readonly PlacedItem[]): Promise<void> {
  const tally = new Tally();
  let parsed = { text: '', ms: 0 };
  for (const { item, created_at: text } of placed) {
    // A row's events share its time.
    if (text !== parsed.text) parsed = { text, ms: Date.parse(text) };
    tally.add(item, parsed.ms);
  }
  if (tally.buckets.size > 0) await saveBuckets(tx, [...tally.buckets.values()]);
  if (tally.classes.size > 0) await saveClasses(tx, [...tally.classes.values()]);
  if (tally.created.size > 0) await saveCreated(tx, tally);
}

/** Folds what the log holds beyond the projection into the statistics tables, each event exactly once. */
export function foldStatistics(ctx: CoreContext): Promise<void> {
  return foldLog(ctx, 'statistics', { apply: addToStatistics });
}
