import { invalid } from '../errors.ts';
import type { CoreContext, RunClass } from '../ports/index.ts';
import { requireMonitor } from '../runs/index.ts';
import { addTo, quantile, type Histogram } from '../stats/index.ts';
import type { MonitorSeries, MonitorSeriesInput } from './contract.ts';

const SECONDS = { '5min': 300, hour: 3600, day: 86_400 } as const;
const DEFAULT_POINTS = { '5min': 288, hour: 168, day: 90 } as const;
const MAX_POINTS = 1000;

function histogramsOf(classes: readonly RunClass[]): Map<string, Histogram> {
  const histograms = new Map<string, Histogram>();
  for (const row of classes) {
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
  const range = { bucket_seconds: seconds, from, to };
  const [rows, classes] = await Promise.all([
    ctx.runs.buckets.list([input.test_id], range),
    ctx.runs.buckets.listClasses([input.test_id], range),
  ]);
  const histograms = histogramsOf(classes);
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
