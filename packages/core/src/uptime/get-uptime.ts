import { invalid } from '../errors.ts';
import type { CoreContext, RunCounts } from '../ports/index.ts';
import type { ListUptimesInput, ListUptimesOutput, Uptime, UptimeInput } from './contract.ts';
import { clip, lengthOf, merge, subtract, type Interval } from './intervals.ts';
import { listSources, readSources, type OverlaySpan, type UptimeSources } from './read-sources.ts';
import { timeWeighted, type Overlays } from './time-weighted.ts';
import { uptimePct } from './uptime-pct.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

const HOUR_MS = 3_600_000;
const NO_RUNS: RunCounts = { total: 0, passed: 0, degraded: 0, flaky: 0, excluded: 0, duration_ms_sum: 0 };
const MAX_WINDOW_MS = 400 * 24 * HOUR_MS;

/** The window asked for, in epoch milliseconds, not beyond now. @throws {AppError} VALIDATION naming the field */
export function windowOf(input: Omit<UptimeInput, 'test_id'>, nowMs: number): Interval {
  const to = input.to === undefined ? nowMs : Math.min(nowMs, Date.parse(input.to));
  const from = input.from === undefined ? to - input.hours * HOUR_MS : Date.parse(input.from);
  if (from > to) throw invalid('from', 'must lie before to, and not in the future');
  if (to - from > MAX_WINDOW_MS) throw invalid('from', 'asks for more than 400 days');
  return { from, to };
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
function uptimeFrom(testId: string, sources: UptimeSources, counts: RunCounts): Uptime {
  const { from, to } = sources.window;
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

/** The counts of each monitor: those read with the sources, or what the store tells where there are none. */
async function countsOf(ctx: CoreContext, sources: ReadonlyMap<string, UptimeSources>, window: Interval): Promise<Map<string, RunCounts>> {
  // Runs that are in the tables are counted there.
  const { is_transactional: isInTables } = ctx.runs.capabilities;
  const counts = new Map<string, RunCounts>();
  const rest: string[] = [];
  for (const [id, own] of sources) {
    if (isInTables && own.counts !== null) counts.set(id, own.counts);
    else rest.push(id);
  }
  if (rest.length === 0) return counts;
  const told = await ctx.runs.countRuns(rest, window);
  for (const [index, id] of rest.entries()) counts.set(id, told[index] ?? NO_RUNS);
  return counts;
}

/** The figures of a window with what they are made of. @throws {AppError} NOT_FOUND */
export async function readUptime(ctx: CoreContext, testId: string, window: Interval): Promise<{ uptime: Uptime; sources: UptimeSources }> {
  const sources = await readSources(ctx, testId, window);
  const counts = await countsOf(ctx, new Map([[testId, sources]]), window);
  return { uptime: uptimeFrom(testId, sources, counts.get(testId) ?? NO_RUNS), sources };
}

/**
 * Uptime over a window that ends now, or over any [from, to): by runs and by time, from the same data.
 * @throws {AppError} NOT_FOUND, VALIDATION
 */
export async function getUptime(ctx: CoreContext, input: UptimeInput): Promise<Uptime> {
  // The run that was recorded in this very millisecond counts.
  const window = windowOf(input, ctx.now() + 1);
  return (await readUptime(ctx, input.test_id, window)).uptime;
}

/** The same for many monitors, in one read whatever their number. Unknown ids are left out. @throws {AppError} VALIDATION */
export async function listUptimes(ctx: CoreContext, input: ListUptimesInput): Promise<ListUptimesOutput> {
  const window = windowOf(input, ctx.now() + 1);
  const ids = [...new Set(input.test_ids)];
  const sources = await listSources(ctx, ids, window);
  const counts = await countsOf(ctx, sources, window);
  return { items: [...sources].map(([id, own]) => uptimeFrom(id, own, counts.get(id) ?? NO_RUNS)) };
}
