import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { BucketRange, RunBucket, RunBuckets, RunClass } from '../ports/index.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** Where a bucket is told: at its own start, or at that of its stretch. */
function startOf(range: BucketRange): RawBuilder<string> {
  if (range.stretch_ms === undefined) return sql<string>`b.bucket_at`;
  const from = sql`${iso(range.from)}::timestamptz`;
  const seconds = sql`${range.stretch_ms / 1000}::float8`;
  return sql<string>`${from} + floor(extract(epoch from (b.bucket_at - ${from})) / ${seconds}) * ${seconds} * interval '1 second'`;
}

/** The counts of runs per bucket, in the tables of the system. */
export class SqlRunBuckets implements RunBuckets {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async list(testIds: readonly string[], range: BucketRange): Promise<RunBucket[]> {
    const { rows } = await sql<RunBucket>`
      select b.test_id, ${startOf(range)} as bucket_at, sum(b.total)::bigint as total, sum(b.passed)::bigint as passed,
        sum(b.degraded)::bigint as degraded, sum(b.duration_ms_sum)::bigint as duration_ms_sum,
        min(b.duration_ms_min) as duration_ms_min, max(b.duration_ms_max) as duration_ms_max
      from unnest(${[...testIds]}::text[]) as i(test_id) join run_bucket b on b.test_id = i.test_id
      where b.bucket_seconds = ${range.bucket_seconds} and b.bucket_at >= ${iso(range.from)} and b.bucket_at < ${iso(range.to)}
      group by 1, 2 order by 1, 2`.execute(this.#db);
    return rows;
  }

  async listClasses(testIds: readonly string[], range: BucketRange): Promise<RunClass[]> {
    if (range.bucket_seconds === 300) return [];
    const { rows } = await sql<RunClass>`
      select b.test_id, ${startOf(range)} as bucket_at, b.class, sum(b.count)::bigint as count
      from unnest(${[...testIds]}::text[]) as i(test_id) join run_histogram b on b.test_id = i.test_id
      where b.bucket_seconds = ${range.bucket_seconds} and b.bucket_at >= ${iso(range.from)} and b.bucket_at < ${iso(range.to)}
      group by 1, 2, 3`.execute(this.#db);
    return rows;
  }
}
