import { notFound } from '../errors.ts';
import { appliesTo, occurrences, type MaintenanceRow } from '../maintenance/index.ts';
import { staleMs, type Segment } from '../outages/index.ts';
import type { CoreContext, Statement } from '../ports/index.ts';
import { adoptMonitor } from '../runs/index.ts';
import { intervalMs } from '../schedules/index.ts';
import type { Interval } from './intervals.ts';
import type { TimelineWindow } from './time-weighted.ts';

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

/** One round trip whatever the number of monitors; lists come as JSON, because a list per monitor is no row. */
const READ_SOURCES: Statement = { name: 'read_uptime_sources', text: 'select * from uptime_sources($1, $2, $3)' };

interface SourceRow {
  readonly id: string;
  readonly tags: string[];
  readonly interval_seconds: number | null;
  readonly cron: string | null;
  readonly timezone: string;
  readonly timeout_ms: number;
  readonly retries: number;
  readonly created_at: string;
  readonly last_run_at: string | null;
  readonly spans: string | null;
  readonly segments: string | null;
  readonly maintenance: string | null;
}

const listOf = <Entry>(text: string | null): Entry[] => (text === null ? [] : (JSON.parse(text) as Entry[]));

/** Times of the database have microseconds; figures are in whole milliseconds, cut as everywhere. */
function toSources(row: SourceRow, window: Interval, nowMs: number): UptimeSources {
  const segments = listOf<[Segment['state'], number, number | null]>(row.segments).map(([state, from, to]) => ({
    state,
    from: Math.floor(from),
    to: to === null ? null : Math.floor(to),
  }));
  const spans = listOf<[OverlaySpan['kind'], number, number | null, string | null]>(row.spans).map(
    ([kind, from, to, reason]): OverlaySpan => ({ kind, from: Math.floor(from), to: Math.floor(to ?? window.to), reason }),
  );
  const planned = listOf<MaintenanceRow>(row.maintenance)
    .filter((work) => appliesTo(work, row))
    .flatMap((work) => occurrences(work, window).map((span): OverlaySpan => ({ ...span, kind: 'maintenance', reason: work.name })));
  const interval_ms = intervalMs(row, nowMs);
  const stale_ms = staleMs(interval_ms, row.timeout_ms * (row.retries + 1));
  const known_until = row.last_run_at === null ? 0 : Date.parse(row.last_run_at) + stale_ms;
  // History may be older than the row of the monitor: imported, or written by an earlier deployment.
  const created_at = Math.min(Date.parse(row.created_at), segments[0]?.from ?? Number.POSITIVE_INFINITY);
  return { window: { ...window, created_at, known_until }, spans: [...spans, ...planned], segments, interval_ms, stale_ms };
}

/** What the figures of monitors are made of, by id; those that do not exist are left out. */
export async function listSources(ctx: CoreContext, testIds: readonly string[], window: Interval): Promise<Map<string, UptimeSources>> {
  const times = [new Date(window.from).toISOString(), new Date(window.to).toISOString()];
  const rows = await ctx.database.reader.run<SourceRow>(READ_SOURCES, [testIds, ...times]);
  return new Map(rows.map((row) => [row.id, toSources(row, window, ctx.now())]));
}

/** The same of one monitor. @throws {AppError} NOT_FOUND */
export async function readSources(ctx: CoreContext, testId: string, window: Interval): Promise<UptimeSources> {
  const sources = (await listSources(ctx, [testId], window)).get(testId);
  if (sources !== undefined) return sources;
  if (await adoptMonitor(ctx, testId)) return readSources(ctx, testId, window);
  throw notFound('monitor', testId);
}
