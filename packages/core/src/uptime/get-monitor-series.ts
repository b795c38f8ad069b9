import { sql } from 'kysely';
import { invalid } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { requireMonitor } from '../runs/index.ts';
import { addTo, quantile, type Histogram } from '../stats/index.ts';
import type { MonitorSeries, MonitorSeriesInput } from './contract.ts';

const SECONDS = { '5min': 300, hour: 3600, day: 86_400 } as const;
const DEFAULT_POINTS = { '5min': 288, hour: 168, day: 90 } as const;
const MAX_POINTS = 1000;

interface Bucket {
  bucket_at: string;
  total: number;
  passed: number;
  degraded: number;
  duration_ms_sum: number;
  duration_ms_min: number;
  duration_ms_max: number;
}

async function readHistograms(
  ctx: CoreContext,
  of: { test_id: string; seconds: number; from: string; to: string },
): Promise<Map<string, Histogram>> {
  const histograms = new Map<string, Histogram>();
  if (of.seconds === 300) return histograms;
  const { rows } = await sql<{ bucket_at: string; class: number; count: number }>`
    select bucket_at, class, count from run_histogram
    where test_id = ${of.test_id} and bucket_seconds = ${of.seconds} and bucket_at >= ${of.from} and bucket_at < ${of.to}`.execute(
    ctx.database.db,
  );
  for (const row of rows) {
    const histogram = histograms.get(row.bucket_at) ?? new Map<number, number>();
    addTo(histogram, row.class, row.count);
    histograms.set(row.bucket_at, histogram);
  }
  return histograms;
}

/**
 * Runs and durations per bucket, oldest first; buckets without runs are empty, not left out. Percentiles are those of hours and days.
 * @throws {AppError} NOT_FOUND, VALIDATION
 */
export async function getMonitorSeries(ctx: CoreContext, input: MonitorSeriesInput): Promise<MonitorSeries> {
  await requireMonitor(ctx, input.test_id);
  const seconds = SECONDS[input.bucket];
  const size = seconds * 1000;
  const to = Math.ceil((input.to === undefined ? ctx.now() + 1 : Date.parse(input.to)) / size) * size;
  const from = input.from === undefined ? to - DEFAULT_POINTS[input.bucket] * size : Math.floor(Date.parse(input.from) / size) * size;
  if (from >= to) throw invalid('from', 'must lie before to');
  if ((to - from) / size > MAX_POINTS) throw invalid('from', `asks for more than ${MAX_POINTS} buckets; ask for longer ones`);
  const range = { test_id: input.test_id, seconds, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const [{ rows }, histograms] = await Promise.all([
    sql<Bucket>`select bucket_at, total, passed, degraded, duration_ms_sum, duration_ms_min, duration_ms_max from run_bucket
      where test_id = ${range.test_id} and bucket_seconds = ${seconds} and bucket_at >= ${range.from} and bucket_at < ${range.to}`.execute(
      ctx.database.db,
    ),
    readHistograms(ctx, range),
  ]);
  const buckets = new Map(rows.map((row) => [row.bucket_at, row]));
  const points = Array.from({ length: (to - from) / size }, (_, index) => {
    const bucket_at = new Date(from + index * size).toISOString();
    const row = buckets.get(bucket_at);
    const histogram = histograms.get(bucket_at);
    const of = (q: number): number | null => (histogram === undefined ? null : quantile(histogram, q));
    const total = row?.total ?? 0;
    return {
      bucket_at,
      total_runs: total,
      passed_runs: row?.passed ?? 0,
      failed_runs: total - (row?.passed ?? 0),
      degraded_runs: row?.degraded ?? 0,
      avg_duration_ms: row === undefined || total === 0 ? null : Math.round(row.duration_ms_sum / total),
      min_duration_ms: row?.duration_ms_min ?? null,
      max_duration_ms: row?.duration_ms_max ?? null,
      p50_ms: of(0.5),
      p95_ms: of(0.95),
      p99_ms: of(0.99),
    };
  });
  return { test_id: input.test_id, bucket: input.bucket, points };
}
