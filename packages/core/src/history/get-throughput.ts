import { sql } from 'kysely';
import { invalid } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { BUCKET_MS, bucketRange, bucketStarts, type BucketRange } from './buckets.ts';
import type { ThroughputInput, ThroughputOutput, ThroughputPoint, WorkerRate } from './contract.ts';
import { estimateJob } from './estimate.ts';
import { readRates, toWorkerRate } from './worker-rates.ts';

interface Scope {
  readonly scope: ThroughputOutput['scope'];
  readonly key: string;
}

interface SumRow {
  at_ms: number;
  keys_scanned: number;
  rated_keys: number;
  busy_ms: number;
  max_keys_per_second: number | null;
  sample_count: number;
}

function scopeOf(input: ThroughputInput): Scope {
  const asked = (['worker_id', 'worker_type', 'job_id'] as const).filter((name) => input[name] !== undefined);
  const [first, second] = asked;
  if (second !== undefined) throw invalid(second, `cannot be combined with ${first}: ask for one series at a time`);
  if (first === undefined) return { scope: 'fleet', key: '' };
  const scope = first === 'worker_id' ? 'worker' : first === 'job_id' ? 'job' : 'worker_type';
  return { scope, key: input[first] ?? '' };
}

const SUMS = sql`sum(keys_scanned) as keys_scanned, sum(rated_keys) as rated_keys, sum(busy_ms) as busy_ms,
  max(max_keys_per_second) as max_keys_per_second, sum(sample_count)::bigint as sample_count`;

/** Roll-ups answer minutes and longer; a job has minutes only, which add up. */
async function readRolled(ctx: CoreContext, { scope, key }: Scope, range: BucketRange): Promise<SumRow[]> {
  const grain = scope === 'job' ? 'minute' : range.bucket;
  const { rows } = await sql<SumRow>`
    select (extract(epoch from date_trunc(${range.bucket}, bucket_at, 'UTC')) * 1000)::bigint as at_ms, ${SUMS}
    from throughput_bucket
    where scope = ${scope} and key = ${key} and grain = ${grain}
      and bucket_at >= ${new Date(range.from).toISOString()}::timestamptz and bucket_at < ${new Date(range.to).toISOString()}::timestamptz
    group by 1`.execute(ctx.database.db);
  return rows;
}

/** Seconds come from the rows themselves: at most ten minutes of them, found by index. */
async function readSeconds(ctx: CoreContext, { scope, key }: Scope, range: BucketRange): Promise<SumRow[]> {
  const column = { fleet: null, worker: 'worker_id', worker_type: 'worker_type', job: 'job_id' } as const satisfies Record<
    Scope['scope'],
    string | null
  >;
  const name = column[scope];
  const { rows } = await sql<SumRow>`
    select (extract(epoch from date_trunc('second', finished_at, 'UTC')) * 1000)::bigint as at_ms, ${SUMS}
    from (
      select finished_at, keys_scanned::float8 as keys_scanned, case when duration_ms > 0 then keys_scanned::float8 else 0 end as rated_keys,
        case when duration_ms > 0 then duration_ms::float8 else 0 end as busy_ms,
        case when duration_ms > 0 then keys_scanned / (duration_ms::float8 / 1000) end as max_keys_per_second, 1 as sample_count
      from worker_history
      where pack_last_at >= ${new Date(range.from).toISOString()}::timestamptz and pack_first_at < ${new Date(range.to).toISOString()}::timestamptz
        and keys_scanned is not null and ${name === null ? sql`true` : sql`${sql.ref(name)} = ${key}`}
        and finished_at >= ${new Date(range.from).toISOString()}::timestamptz and finished_at < ${new Date(range.to).toISOString()}::timestamptz
    ) row
    group by 1`.execute(ctx.database.db);
  return rows;
}

function toPoint(at: string, row: SumRow | undefined, bucketMs: number): ThroughputPoint {
  if (row === undefined)
    return { at, keys_scanned: null, keys_per_second: null, mean_keys_per_second: null, max_keys_per_second: null, sample_count: 0 };
  return {
    at,
    keys_scanned: row.keys_scanned,
    keys_per_second: row.keys_scanned / (bucketMs / 1000),
    mean_keys_per_second: row.busy_ms > 0 ? row.rated_keys / (row.busy_ms / 1000) : null,
    max_keys_per_second: row.max_keys_per_second,
    sample_count: row.sample_count,
  };
}

async function ratesOf(ctx: CoreContext, { scope, key }: Scope): Promise<WorkerRate[]> {
  if (scope === 'job') return [];
  const rates = (await readRates(ctx)).map(toWorkerRate);
  if (scope === 'fleet') return rates;
  return rates.filter((rate) => (scope === 'worker' ? rate.worker_id : rate.worker_type) === key);
}

async function databaseNow(ctx: CoreContext): Promise<number> {
  const { rows } = await sql<{ ms: number }>`select (extract(epoch from now()) * 1000)::bigint as ms`.execute(ctx.database.db);
  return rows[0]?.ms ?? 0;
}

/**
 * Throughput per bucket of the fleet, one worker type, one worker or one job; empty buckets are gaps.
 * @throws {AppError} VALIDATION for two scopes at once, and for more than 600 buckets.
 */
export async function getThroughput(ctx: CoreContext, input: ThroughputInput): Promise<ThroughputOutput> {
  const scope = scopeOf(input);
  const range = bucketRange(input, await databaseNow(ctx));
  const [rows, workers, estimate] = await Promise.all([
    input.bucket === 'second' ? readSeconds(ctx, scope, range) : readRolled(ctx, scope, range),
    ratesOf(ctx, scope),
    scope.scope === 'job' ? estimateJob(ctx, scope.key) : null,
  ]);
  const byTime = new Map(rows.map((row) => [new Date(row.at_ms).toISOString(), row]));
  return {
    scope: scope.scope,
    bucket: input.bucket,
    from: new Date(range.from).toISOString(),
    to: new Date(range.to).toISOString(),
    points: bucketStarts(range).map((at) => toPoint(at, byTime.get(at), BUCKET_MS[input.bucket])),
    workers,
    estimate,
  };
}
