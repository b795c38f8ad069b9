import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { classOf } from '../stats/index.ts';
import { BUCKET_SECONDS, type BucketSeconds } from './split-window.ts';

/** What a run adds to its buckets; excluding one adds the negative of it. */
export interface BucketDelta {
  readonly test_id: string;
  readonly at: number;
  readonly total: number;
  readonly passed: number;
  readonly degraded: number;
  readonly flaky: number;
  readonly excluded: number;
  readonly duration_ms: number;
}

interface BucketRow {
  test_id: string;
  seconds: BucketSeconds;
  at: number;
  total: number;
  passed: number;
  degraded: number;
  flaky: number;
  excluded: number;
  sum: number;
  min: number;
  max: number;
}

interface ClassRow {
  readonly test_id: string;
  readonly seconds: BucketSeconds;
  readonly at: number;
  readonly index: number;
  count: number;
}

const iso = (ms: number): string => new Date(ms).toISOString();

function bucketRows(deltas: readonly BucketDelta[]): BucketRow[] {
  const rows = new Map<string, BucketRow>();
  for (const delta of deltas) {
    for (const seconds of BUCKET_SECONDS) {
      const at = Math.floor(delta.at / (seconds * 1000)) * seconds * 1000;
      const key = `${delta.test_id}:${seconds}:${at}`;
      const row = rows.get(key) ?? {
        test_id: delta.test_id,
        seconds,
        at,
        total: 0,
        passed: 0,
        degraded: 0,
        flaky: 0,
        excluded: 0,
        sum: 0,
        min: delta.duration_ms,
        max: delta.duration_ms,
      };
      for (const name of ['total', 'passed', 'degraded', 'flaky', 'excluded'] as const) row[name] += delta[name];
      row.sum += delta.total * delta.duration_ms;
      row.min = Math.min(row.min, delta.duration_ms);
      row.max = Math.max(row.max, delta.duration_ms);
      rows.set(key, row);
    }
  }
  return [...rows.values()].sort((left, right) =>
    left.test_id < right.test_id ? -1 : left.test_id > right.test_id ? 1 : left.seconds - right.seconds || left.at - right.at,
  );
}

async function addBuckets(tx: Transaction<Database>, rows: readonly BucketRow[]): Promise<void> {
  const column = (name: 'total' | 'passed' | 'degraded' | 'flaky' | 'excluded' | 'sum' | 'min' | 'max' | 'seconds'): number[] =>
    rows.map((row) => row[name]);
  await sql`
    insert into run_bucket (test_id, bucket_seconds, bucket_at, total, passed, degraded, flaky, excluded, duration_ms_sum, duration_ms_min, duration_ms_max)
    select * from unnest(${rows.map((row) => row.test_id)}::text[], ${column('seconds')}::int[], ${rows.map((row) => iso(row.at))}::timestamptz[],
      ${column('total')}::bigint[], ${column('passed')}::bigint[], ${column('degraded')}::bigint[], ${column('flaky')}::bigint[],
      ${column('excluded')}::bigint[], ${column('sum')}::bigint[], ${column('min')}::bigint[], ${column('max')}::bigint[])
    on conflict (test_id, bucket_seconds, bucket_at) do update set total = run_bucket.total + excluded.total,
      passed = run_bucket.passed + excluded.passed, degraded = run_bucket.degraded + excluded.degraded,
      flaky = run_bucket.flaky + excluded.flaky, excluded = run_bucket.excluded + excluded.excluded,
      duration_ms_sum = run_bucket.duration_ms_sum + excluded.duration_ms_sum,
      duration_ms_min = least(run_bucket.duration_ms_min, excluded.duration_ms_min),
      duration_ms_max = greatest(run_bucket.duration_ms_max, excluded.duration_ms_max)`.execute(tx);
}

async function addClasses(tx: Transaction<Database>, deltas: readonly BucketDelta[]): Promise<void> {
  const rows = new Map<string, ClassRow>();
  for (const delta of deltas) {
    for (const seconds of [86_400, 3600] as const) {
      const at = Math.floor(delta.at / (seconds * 1000)) * seconds * 1000;
      const index = classOf(delta.duration_ms);
      const key = `${delta.test_id}:${seconds}:${at}:${index}`;
      const row = rows.get(key) ?? { test_id: delta.test_id, seconds, at, index, count: 0 };
      row.count += delta.total;
      rows.set(key, row);
    }
  }
  const sorted = [...rows].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
  await sql`
    insert into run_histogram (test_id, bucket_seconds, bucket_at, class, count)
    select * from unnest(${sorted.map((row) => row.test_id)}::text[], ${sorted.map((row) => row.seconds)}::int[],
      ${sorted.map((row) => iso(row.at))}::timestamptz[], ${sorted.map((row) => row.index)}::smallint[], ${sorted.map((row) => row.count)}::bigint[])
    on conflict (test_id, bucket_seconds, bucket_at, class) do update set count = run_histogram.count + excluded.count`.execute(tx);
}

/** Adds deltas to the 5-minute, hour and day buckets. Sums commute, so the order of runs does not matter. */
export async function addToBuckets(tx: Transaction<Database>, deltas: readonly BucketDelta[]): Promise<void> {
  if (deltas.length === 0) return;
  await addBuckets(tx, bucketRows(deltas));
  await addClasses(tx, deltas);
}
