import { sql } from 'kysely';
import { invalid } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { Series, SeriesInput, SeriesPoint } from './contract.ts';
import { foldStatistics } from './fold-statistics.ts';
import { addTo, countOf, quantile, type Histogram } from './histogram.ts';
import { lanesOf } from './lanes-of.ts';
import { BUCKET_MS } from './tally.ts';

const DEFAULT_BUCKETS = 60;
const MAX_BUCKETS = 1500;

interface CountRow {
  bucket_start: string;
  created: number;
  started: number;
  completed: number;
  failed: number;
  cancelled: number;
}

interface ClassRow {
  bucket_start: string;
  metric: number;
  class: number;
  count: number;
}

function rangeOf(ctx: CoreContext, input: SeriesInput): { from: number; to: number } {
  const size = BUCKET_MS[input.bucket];
  const to = input.to === undefined ? ctx.now() + 1 : Date.parse(input.to);
  const from = input.from === undefined ? Math.ceil(to / size) * size - DEFAULT_BUCKETS * size : Date.parse(input.from);
  if (from >= to) throw invalid('from', 'must lie before to');
  const start = Math.floor(from / size) * size;
  if ((to - start) / size > MAX_BUCKETS)
    throw invalid('bucket', `gives more than ${MAX_BUCKETS} points for this range; take a coarser one`);
  return { from: start, to };
}

function summary(histogram: Histogram | undefined): SeriesPoint['duration_ms'] {
  const counts = histogram ?? new Map<number, number>();
  return { count: countOf(counts), p50: quantile(counts, 0.5), p95: quantile(counts, 0.95), p99: quantile(counts, 0.99) };
}

async function readHistograms(
  ctx: CoreContext,
  where: { bucket: string; from: string; to: string; lanes: number[] },
): Promise<Map<string, Histogram>> {
  const { rows } = await sql<ClassRow>`
    select bucket_start, metric, class, sum(count)::bigint as count from stat_histogram
    where bucket_size = ${where.bucket} and bucket_start >= ${where.from} and bucket_start < ${where.to} and lane_id = any(${where.lanes}::int[])
    group by bucket_start, metric, class`.execute(ctx.database.db);
  const histograms = new Map<string, Histogram>();
  for (const row of rows) {
    const key = `${Date.parse(row.bucket_start)}:${row.metric}`;
    const histogram = histograms.get(key) ?? new Map<number, number>();
    addTo(histogram, row.class, row.count);
    histograms.set(key, histogram);
  }
  return histograms;
}

/**
 * What happened per bucket, oldest first, every bucket of the range present: counts, and p50/p95/p99 of attempt durations and
 * first waits (null where there were none) at most 2.2 % off.
 * @throws {AppError} VALIDATION for an empty range or one of too many buckets.
 */
export async function getSeries(ctx: CoreContext, input: SeriesInput): Promise<Series> {
  const { from, to } = rangeOf(ctx, input);
  await foldStatistics(ctx);
  const where = { bucket: input.bucket, from: new Date(from).toISOString(), to: new Date(to).toISOString(), lanes: lanesOf(ctx, input) };
  const [counts, histograms] = await Promise.all([
    sql<CountRow>`
      select bucket_start, sum(created)::bigint as created, sum(started)::bigint as started, sum(completed)::bigint as completed,
        sum(failed)::bigint as failed, sum(cancelled)::bigint as cancelled
      from stat_bucket
      where bucket_size = ${where.bucket} and bucket_start >= ${where.from} and bucket_start < ${where.to} and lane_id = any(${where.lanes}::int[])
      group by bucket_start`.execute(ctx.database.db),
    readHistograms(ctx, where),
  ]);
  const byStart = new Map(counts.rows.map((row) => [Date.parse(row.bucket_start), row]));
  const points: SeriesPoint[] = [];
  for (let start = from; start < to; start += BUCKET_MS[input.bucket]) {
    const row = byStart.get(start);
    points.push({
      bucket_start: new Date(start).toISOString(),
      created: row?.created ?? 0,
      started: row?.started ?? 0,
      completed: row?.completed ?? 0,
      failed: row?.failed ?? 0,
      cancelled: row?.cancelled ?? 0,
      duration_ms: summary(histograms.get(`${start}:0`)),
      wait_ms: summary(histograms.get(`${start}:1`)),
    });
  }
  return { bucket: input.bucket, points };
}
