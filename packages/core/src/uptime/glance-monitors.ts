import { sql } from 'kysely';
import type { BucketRange, CoreContext } from '../ports/index.ts';
import { addTo, quantile, type Histogram } from '../stats/index.ts';
import { GLANCE_CELLS, type Glance, type GlanceInput, type MonitorGlance } from './contract.ts';
import { uptimePct } from './uptime-pct.ts';

const HOUR_MS = 3_600_000;
const MAX_POINTS = 30;

interface Window {
  readonly from: number;
  readonly to: number;
  /** Lengths of the buckets that runs, and that percentiles are read from. */
  readonly seconds: BucketRange['bucket_seconds'];
  readonly histogram_seconds: 3600 | 86_400;
  readonly points: number;
}

/** Buckets fine enough for the cells, and few enough to read for a page of monitors: 5 minutes are kept for days, hours for weeks. */
function windowOf(hours: number, nowMs: number): Window {
  const seconds = hours <= 48 ? 300 : hours <= 720 ? 3600 : 86_400;
  const histogram_seconds = hours <= 72 ? 3600 : 86_400;
  const size = seconds * 1000;
  const to = Math.ceil((nowMs + 1) / size) * size;
  const points = Math.min(MAX_POINTS, Math.max(1, Math.floor((hours * 3600) / histogram_seconds)));
  return { from: to - hours * HOUR_MS, to, seconds, histogram_seconds, points };
}

interface CellRow {
  readonly cell: number;
  readonly total: number;
  readonly passed: number;
  readonly degraded: number;
}

interface ClassRow {
  readonly point: number;
  readonly class: number;
  readonly count: number;
}

const iso = (ms: number): string => new Date(ms).toISOString();

async function readCells(ctx: CoreContext, ids: readonly string[], window: Window): Promise<Map<string, CellRow[]>> {
  const { from, to, seconds } = window;
  const stretch_ms = (to - from) / GLANCE_CELLS;
  const rows = await ctx.runs.buckets.list(ids, { bucket_seconds: seconds, from, to, stretch_ms });
  const cells = rows.map((row) => ({ ...row, cell: Math.round((Date.parse(row.bucket_at) - from) / stretch_ms) }));
  return Map.groupBy(cells, (row) => row.test_id);
}

async function readClasses(ctx: CoreContext, ids: readonly string[], window: Window): Promise<Map<string, ClassRow[]>> {
  const size = window.histogram_seconds * 1000;
  const from = Math.floor(window.from / size) * size;
  const stretch_ms = (window.to - from) / window.points;
  const rows = await ctx.runs.buckets.listClasses(ids, { bucket_seconds: window.histogram_seconds, from, to: window.to, stretch_ms });
  const points = rows.map((row) => ({ ...row, point: Math.round((Date.parse(row.bucket_at) - from) / stretch_ms) }));
  return Map.groupBy(points, (row) => row.test_id);
}

function percentilesOf(rows: readonly ClassRow[], points: number): Pick<MonitorGlance, 'p95' | 'p95_ms'> {
  const whole: Histogram = new Map();
  const parts = Array.from({ length: points }, (): Histogram => new Map());
  for (const row of rows) {
    addTo(whole, row.class, row.count);
    const part = parts[row.point];
    if (part !== undefined) addTo(part, row.class, row.count);
  }
  return { p95_ms: quantile(whole, 0.95), p95: parts.map((part) => quantile(part, 0.95)) };
}

function cellsOf(rows: readonly CellRow[]): Pick<MonitorGlance, 'total_runs' | 'passed_runs' | 'uptime_pct' | 'cells'> {
  const byCell = new Map(rows.map((row) => [row.cell, row]));
  const total_runs = rows.reduce((sum, row) => sum + row.total, 0);
  const passed_runs = rows.reduce((sum, row) => sum + row.passed, 0);
  const cells = Array.from({ length: GLANCE_CELLS }, (_, cell) => {
    const row = byCell.get(cell);
    return { total_runs: row?.total ?? 0, failed_runs: (row?.total ?? 0) - (row?.passed ?? 0), degraded_runs: row?.degraded ?? 0 };
  });
  return { total_runs, passed_runs, uptime_pct: total_runs === 0 ? null : uptimePct(passed_runs, total_runs), cells };
}

/** What a row of a list shows of each monitor, in two reads whatever their number. Ids that do not exist are left out. */
export async function glanceMonitors(ctx: CoreContext, input: GlanceInput): Promise<Glance> {
  const window = windowOf(input.hours, ctx.now());
  const known = await sql<{ id: string }>`select id from monitor where id = any(${input.test_ids}::text[])`.execute(ctx.database.db);
  const ids = known.rows.map((row) => row.id);
  const [cells, classes] = await Promise.all([readCells(ctx, ids, window), readClasses(ctx, ids, window)]);
  return {
    from: iso(window.from),
    to: iso(window.to),
    cell_ms: (window.to - window.from) / GLANCE_CELLS,
    items: ids.map((id) => ({ test_id: id, ...cellsOf(cells.get(id) ?? []), ...percentilesOf(classes.get(id) ?? [], window.points) })),
  };
}
