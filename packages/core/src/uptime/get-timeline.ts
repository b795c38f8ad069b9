import { invalid } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { nextCron } from '../schedules/index.ts';
import type { Timeline, TimelineInput } from './contract.ts';
import { excludedOf, segmentsOf } from './explain-uptime.ts';
import { overlaysOf, windowOf } from './get-uptime.ts';
import type { Interval } from './intervals.ts';
import { readSources, type UptimeSources } from './read-sources.ts';
import { timeWeighted } from './time-weighted.ts';
import { floorPct } from './uptime-pct.ts';

const HOUR_MS = 3_600_000;
const MAX_DAYS = 100;

const iso = (ms: number): string => new Date(ms).toISOString();

/** Calendar days of a zone: the one that `from` lies in, and all that begin before `to`. @throws {AppError} VALIDATION */
function daysOf({ from, to }: Interval, timezone: string): Interval[] {
  const midnights: number[] = [];
  // The longest day has 25 hours; some zones had one more.
  for (let at: number | null = nextCron({ cron: '0 0 * * *', timezone }, from - 27 * HOUR_MS); at !== null && at < to;) {
    midnights.push(at);
    at = nextCron({ cron: '0 0 * * *', timezone }, at);
  }
  const starts = midnights.slice(
    Math.max(
      0,
      midnights.findLastIndex((at) => at <= from),
    ),
  );
  if (starts.length > MAX_DAYS) throw invalid('from', `asks for more than ${MAX_DAYS} days`);
  return starts.map((start, index) => ({ from: start, to: starts[index + 1] ?? to }));
}

function partsOf({ from, to }: Interval, count: number): Interval[] {
  const edge = (index: number): number => Math.round(from + ((to - from) * index) / count);
  return Array.from({ length: count }, (_, index) => ({ from: edge(index), to: edge(index + 1) })).filter((part) => part.from < part.to);
}

async function readOutages(ctx: CoreContext, testId: string, window: Interval): Promise<Interval[]> {
  const rows = await ctx.database.db
    .selectFrom('outage')
    .select(['opened_at', 'resolved_at'])
    .where('test_id', '=', testId)
    .where('opened_at', '<', iso(window.to))
    .where((where) => where.or([where('resolved_at', 'is', null), where('resolved_at', '>', iso(window.from))]))
    .execute();
  return rows.map((row) => ({
    from: Date.parse(row.opened_at),
    to: row.resolved_at === null ? Number.POSITIVE_INFINITY : Date.parse(row.resolved_at),
  }));
}

/** Since when the present state holds: the pause or the planned work it is in, else what was observed, else the silence. */
function stateSince({ window, spans, segments }: UptimeSources): number | null {
  const current = spans.findLast((span) => span.kind !== 'excluded' && span.from < window.to && span.to >= window.to);
  if (current !== undefined) return current.from;
  const last = segments.at(-1);
  if (last === undefined) return null;
  return window.known_until >= window.to ? last.from : Math.max(last.from, window.known_until);
}

/** The states of a monitor over a window, and the same in cells. @throws {AppError} NOT_FOUND, VALIDATION */
export async function getTimeline(ctx: CoreContext, input: TimelineInput): Promise<Timeline> {
  const now = ctx.now() + 1;
  const asked = windowOf(input, now);
  const cells = input.timezone === undefined ? partsOf(asked, input.cells) : daysOf(asked, input.timezone);
  const window = { from: Math.min(asked.from, cells[0]?.from ?? asked.from), to: asked.to };
  const [sources, outages] = await Promise.all([readSources(ctx, input.test_id, window), readOutages(ctx, input.test_id, window)]);
  const overlays = overlaysOf(sources.spans);
  const since = asked.to < now ? null : stateSince(sources);
  return {
    test_id: input.test_id,
    from: iso(window.from),
    to: iso(window.to),
    state_since: since === null ? null : iso(since),
    cells: cells.map((cell) => {
      const time = timeWeighted(sources.segments, overlays, { ...sources.window, ...cell });
      return {
        from: iso(cell.from),
        to: iso(cell.to),
        uptime_pct: time.uptime_pct === null ? null : floorPct(time.uptime_pct),
        up_ms: time.up_ms,
        down_ms: time.down_ms,
        unknown_ms: time.unknown_ms,
        left_out_ms: time.paused_ms + time.maintenance_ms + time.excluded_ms,
        not_yet_ms: time.not_yet_ms,
        outages: outages.filter((outage) => outage.from < cell.to && outage.to > cell.from).length,
      };
    }),
    segments: segmentsOf(sources),
    excluded: excludedOf(sources),
  };
}
