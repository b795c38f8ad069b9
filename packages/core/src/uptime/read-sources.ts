import { notFound } from '../errors.ts';
import { appliesTo, occurrences, type MaintenanceRow } from '../maintenance/index.ts';
import { staleMs, type Segment } from '../outages/index.ts';
import type { CoreContext, RunCounts, Statement } from '../ports/index.ts';
import { adoptMonitor, RUNNING_DIFFERENCES, RUNNING_JOINS, toRunCounts, type RunningCounts } from '../runs/index.ts';
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
  /** Null when the store is to be asked. */
  readonly counts: RunCounts | null;
  readonly interval_ms: number;
  readonly stale_ms: number;
}

const micros = (column: string): string => `round(date_part('epoch', ${column}) * 1000000)::bigint`;

/**
 * One round trip and a handful of look-ups per monitor, whatever the window. Lists come as JSON, because a list per monitor is no row,
 * and times as microseconds, which are exact in both. Segments do not overlap: those of a window begin in it, but for the last that
 * began before. Planned work is the same in every row.
 */
const COLUMNS = `m.id, case when m.tags <> '{}' then to_json(m.tags) end as tags, m.interval_seconds, m.cron, m.timezone, m.timeout_ms,
  m.retries, ${micros('m.created_at')} as created_us, ${micros('s.last_run_at')} as last_run_us,
  s.counted_from <= $2 as is_counted, ${RUNNING_DIFFERENCES},
  (select json_agg(json_build_array(x.kind, ${micros('x.from_at')}, ${micros('x.to_at')}, x.reason) order by x.from_at)
    from excluded_span x where x.test_id = m.id and x.revoked_at is null and x.from_at < $3 and (x.to_at is null or x.to_at > $2)) as spans,
  (select json_agg(json_build_array(g.state, ${micros('g.from_at')}, ${micros('g.to_at')}) order by g.from_at)
    from state_segment g where g.test_id = m.id and g.from_at < $3 and (g.to_at is null or g.to_at > $2)
      and g.from_at >= coalesce((select max(b.from_at) from state_segment b where b.test_id = m.id and b.from_at <= $2), '-infinity')) as segments,
  (select json_agg(p) from maintenance p
    where p.starts_at < $3 and (p.ends_at is null or p.ends_at + make_interval(mins => coalesce(p.duration_minutes, 0)) > $2)) as maintenance`;

const LIST_SOURCES: Statement = {
  name: 'list_uptime_sources',
  text: `select ${COLUMNS} from unnest($1::text[]) with ordinality as i(id, ord)
join monitor m on m.id = i.id join monitor_state s on s.test_id = i.id ${RUNNING_JOINS}
order by i.ord`,
};

/** For one monitor, which is what a page asks: a third of the time is the list's own. */
const READ_SOURCES: Statement = {
  name: 'read_uptime_sources',
  text: `select ${COLUMNS} from monitor m join monitor_state s on s.test_id = m.id ${RUNNING_JOINS} where m.id = $1`,
};

interface SourceRow extends RunningCounts {
  readonly id: string;
  readonly tags: string | null;
  readonly interval_seconds: number | null;
  readonly cron: string | null;
  readonly timezone: string;
  readonly timeout_ms: number;
  readonly retries: number;
  readonly created_us: number;
  readonly last_run_us: number | null;
  readonly spans: string | null;
  readonly segments: string | null;
  readonly maintenance: string | null;
}

const listOf = <Entry>(text: string | null): Entry[] => (text === null ? [] : (JSON.parse(text) as Entry[]));

/** Times of the database have microseconds; figures are in whole milliseconds, cut as everywhere. */
const msOf = (micros: number): number => Math.floor(micros / 1000);

function toSources(row: SourceRow, window: Interval, of: { now_ms: number; planned: readonly MaintenanceRow[] }): UptimeSources {
  const segments = listOf<[Segment['state'], number, number | null]>(row.segments).map(([state, from, to]) => ({
    state,
    from: msOf(from),
    to: to === null ? null : msOf(to),
  }));
  const spans = listOf<[OverlaySpan['kind'], number, number | null, string | null]>(row.spans).map(
    ([kind, from, to, reason]): OverlaySpan => ({ kind, from: msOf(from), to: to === null ? window.to : msOf(to), reason }),
  );
  const is_counted = row.is_counted && !spans.some((span) => span.kind === 'excluded');
  if (of.planned.length > 0) {
    const monitor = { id: row.id, tags: listOf<string>(row.tags) };
    for (const work of of.planned.filter((entry) => appliesTo(entry, monitor)))
      for (const span of occurrences(work, window)) spans.push({ ...span, kind: 'maintenance', reason: work.name });
  }
  const interval_ms = intervalMs(row, of.now_ms);
  const stale_ms = staleMs(interval_ms, row.timeout_ms * (row.retries + 1));
  const known_until = row.last_run_us === null ? 0 : msOf(row.last_run_us) + stale_ms;
  // History may be older than the row of the monitor: imported, or written by an earlier deployment.
  const created_at = Math.min(msOf(row.created_us), segments[0]?.from ?? Number.POSITIVE_INFINITY);
  return {
    window: { ...window, created_at, known_until },
    spans,
    segments,
    counts: toRunCounts({ ...row, is_counted }),
    interval_ms,
    stale_ms,
  };
}

const timesOf = (window: Interval): string[] => [new Date(window.from).toISOString(), new Date(window.to).toISOString()];

/** What the figures of monitors are made of, by id; those that do not exist are left out. */
export async function listSources(ctx: CoreContext, testIds: readonly string[], window: Interval): Promise<Map<string, UptimeSources>> {
  const rows = await ctx.database.reader.run<SourceRow>(LIST_SOURCES, [testIds, ...timesOf(window)]);
  const [now_ms, planned] = [ctx.now(), listOf<MaintenanceRow>(rows[0]?.maintenance ?? null)];
  return new Map(rows.map((row) => [row.id, toSources(row, window, { now_ms, planned })]));
}

/** The same of one monitor. @throws {AppError} NOT_FOUND */
export async function readSources(ctx: CoreContext, testId: string, window: Interval): Promise<UptimeSources> {
  const [row] = await ctx.database.reader.run<SourceRow>(READ_SOURCES, [testId, ...timesOf(window)]);
  if (row !== undefined) return toSources(row, window, { now_ms: ctx.now(), planned: listOf(row.maintenance) });
  if (await adoptMonitor(ctx, testId)) return readSources(ctx, testId, window);
  throw notFound('monitor', testId);
}
