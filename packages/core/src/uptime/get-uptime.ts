import { invalid, notFound } from '../errors.ts';
import { appliesTo, occurrences } from '../maintenance/index.ts';
import { staleMs, type Segment } from '../outages/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { adoptMonitor } from '../runs/index.ts';
import { intervalMs } from '../schedules/index.ts';
import type { Uptime, UptimeInput } from './contract.ts';
import { clip, lengthOf, merge, subtract, type Interval } from './intervals.ts';
import { timeWeighted, type Overlays, type TimelineWindow } from './time-weighted.ts';
import { uptimePct } from './uptime-pct.ts';

const HOUR_MS = 3_600_000;
const MAX_WINDOW_MS = 400 * 24 * HOUR_MS;

/** A span that does not count, with why. */
export interface OverlaySpan extends Interval {
  readonly kind: 'paused' | 'maintenance' | 'excluded';
  readonly reason: string | null;
}

/** Everything the figures of a window are made of. */
export interface UptimeSources {
  readonly window: TimelineWindow;
  readonly spans: readonly OverlaySpan[];
  readonly segments: readonly Segment[];
  readonly interval_ms: number;
  readonly stale_ms: number;
}

/** The window asked for, in epoch milliseconds, not beyond now. @throws {AppError} VALIDATION naming the field */
export function windowOf(input: Omit<UptimeInput, 'test_id'>, nowMs: number): Interval {
  const to = input.to === undefined ? nowMs : Math.min(nowMs, Date.parse(input.to));
  const from = input.from === undefined ? to - input.hours * HOUR_MS : Date.parse(input.from);
  if (from > to) throw invalid('from', 'must lie before to, and not in the future');
  if (to - from > MAX_WINDOW_MS) throw invalid('from', 'asks for more than 400 days');
  return { from, to };
}

const iso = (ms: number): string => new Date(ms).toISOString();

async function readSpans(ctx: CoreContext, testId: string, window: Interval): Promise<OverlaySpan[]> {
  const rows = await ctx.database.db
    .selectFrom('excluded_span')
    .select(['kind', 'from_at', 'to_at', 'reason'])
    .where('test_id', '=', testId)
    .where('revoked_at', 'is', null)
    .where('from_at', '<', iso(window.to))
    .where((where) => where.or([where('to_at', 'is', null), where('to_at', '>', iso(window.from))]))
    .orderBy('from_at')
    .execute();
  return rows.map((row) => ({
    kind: row.kind,
    from: Date.parse(row.from_at),
    to: row.to_at === null ? window.to : Date.parse(row.to_at),
    reason: row.reason,
  }));
}

async function readSegments(ctx: CoreContext, testId: string, window: Interval): Promise<Segment[]> {
  const rows = await ctx.database.db
    .selectFrom('state_segment')
    .select(['from_at', 'to_at', 'state'])
    .where('test_id', '=', testId)
    .where('from_at', '<', iso(window.to))
    .where((where) => where.or([where('to_at', 'is', null), where('to_at', '>', iso(window.from))]))
    .orderBy('from_at')
    .execute();
  return rows.map((row) => ({ state: row.state, from: Date.parse(row.from_at), to: row.to_at === null ? null : Date.parse(row.to_at) }));
}

/** Reads what a window's figures are made of. @throws {AppError} NOT_FOUND */
export async function readSources(ctx: CoreContext, testId: string, window: Interval): Promise<UptimeSources> {
  const [monitor, spans, segments, maintenance] = await Promise.all([
    ctx.database.db
      .selectFrom('monitor')
      .innerJoin('monitor_state as state', 'state.test_id', 'monitor.id')
      .select([
        'monitor.id',
        'monitor.tags',
        'interval_seconds',
        'cron',
        'timezone',
        'timeout_ms',
        'retries',
        'created_at',
        'state.last_run_at',
      ])
      .where('monitor.id', '=', testId)
      .executeTakeFirst(),
    readSpans(ctx, testId, window),
    readSegments(ctx, testId, window),
    ctx.database.db.selectFrom('maintenance').selectAll().execute(),
  ]);
  if (monitor === undefined) {
    if (await adoptMonitor(ctx, testId)) return readSources(ctx, testId, window);
    throw notFound('monitor', testId);
  }
  const interval_ms = intervalMs(monitor, ctx.now());
  const stale_ms = staleMs(interval_ms, monitor.timeout_ms * (monitor.retries + 1));
  const planned = maintenance
    .filter((row) => appliesTo(row, monitor))
    .flatMap((row) => occurrences(row, window).map((span): OverlaySpan => ({ ...span, kind: 'maintenance', reason: row.name })));
  const knownUntil = monitor.last_run_at === null ? 0 : Date.parse(monitor.last_run_at) + stale_ms;
  // History may be older than the row of the monitor: imported, or written by an earlier deployment.
  const created_at = Math.min(Date.parse(monitor.created_at), segments[0]?.from ?? Number.POSITIVE_INFINITY);
  return { window: { ...window, created_at, known_until: knownUntil }, spans: [...spans, ...planned], segments, interval_ms, stale_ms };
}

export function overlaysOf(spans: readonly OverlaySpan[]): Overlays {
  const of = (kind: OverlaySpan['kind']): OverlaySpan[] => spans.filter((span) => span.kind === kind);
  return { paused: of('paused'), maintenance: of('maintenance'), excluded: of('excluded') };
}

/** Runs there were of those the schedule asked for, floored to one decimal. */
function coveragePct(sources: UptimeSources, totalRuns: number): number {
  const { window, spans, interval_ms: interval } = sources;
  const existed = merge([{ from: Math.max(window.from, window.created_at), to: window.to }]);
  const active = lengthOf(subtract(existed, clip(merge(spans), window)));
  const expected = interval === 0 ? 0 : Math.floor(active / interval);
  if (expected === 0) return totalRuns > 0 ? 100 : 0;
  return Math.min(100, Math.floor((totalRuns * 1000) / expected) / 10);
}

/** The figures of a window from what was read of it. */
export async function uptimeFrom(ctx: CoreContext, testId: string, sources: UptimeSources): Promise<Uptime> {
  const { from, to } = sources.window;
  const counts = await ctx.runs.countRuns(testId, { from, to });
  return {
    test_id: testId,
    uptime_pct: uptimePct(counts.passed, counts.total),
    total_runs: counts.total,
    passed_runs: counts.passed,
    failed_runs: counts.total - counts.passed,
    window_hours: (to - from) / HOUR_MS,
    from: iso(from),
    to: iso(to),
    has_data: counts.total > 0,
    uptime_ratio: counts.total === 0 ? null : counts.passed / counts.total,
    coverage_pct: coveragePct(sources, counts.total),
    degraded_runs: counts.degraded,
    flaky_runs: counts.flaky,
    excluded_runs: counts.excluded,
    avg_duration_ms: counts.total === 0 ? null : Math.round(counts.duration_ms_sum / counts.total),
    time_weighted: timeWeighted(sources.segments, overlaysOf(sources.spans), sources.window),
  };
}

/**
 * Uptime over a window that ends now, or over any [from, to): by runs and by time, from the same data.
 * @throws {AppError} NOT_FOUND, VALIDATION
 */
export async function getUptime(ctx: CoreContext, input: UptimeInput): Promise<Uptime> {
  // The run that was recorded in this very millisecond counts.
  const window = windowOf(input, ctx.now() + 1);
  return uptimeFrom(ctx, input.test_id, await readSources(ctx, input.test_id, window));
}
