import { alertedRuns } from '../alerts/index.ts';
import { decodeCursor, encodeCursor } from '../cursors.ts';
import { notFound } from '../errors.ts';
import type { CoreContext, HistoryPage } from '../ports/index.ts';
import type {
  GetRunInput,
  ListIncidentsInput,
  ListIncidentsOutput,
  ListResultsInput,
  ListResultsOutput,
  ListTimingInput,
  ListTimingOutput,
  LiveEvent,
  Run,
  WatchMonitorInput,
} from './contract.ts';
import { requireMonitor } from './require-monitor.ts';

/** Events a live view starts with. **Source:** requirement 002. */
const REPLAY = 50;

function pageOf(list: string, input: { limit: number; offset: number; cursor?: string | undefined }): HistoryPage {
  if (input.cursor === undefined) return { limit: input.limit + 1, offset: input.offset };
  const key = decodeCursor(list, input.cursor);
  const split = key.indexOf(':');
  const before = { started_at: new Date(Number(key.slice(0, split))).toISOString(), run_id: key.slice(split + 1) };
  return { limit: input.limit + 1, offset: 0, before };
}

function nextCursor(
  list: string,
  page: { found: number; limit: number },
  last: { at: string; run_id: string | null } | undefined,
): string | null {
  if (page.found <= page.limit || last === undefined || last.run_id === null) return null;
  return encodeCursor(list, `${Date.parse(last.at)}:${last.run_id}`);
}

/** Runs of a monitor, newest first; `total` is the full count. @throws {AppError} NOT_FOUND */
export async function listResults(ctx: CoreContext, input: ListResultsInput): Promise<ListResultsOutput> {
  await requireMonitor(ctx, input.test_id);
  const { runs, total } = await ctx.runs.listRuns(input.test_id, { ...pageOf('results', input), passed: input.passed });
  const results = runs.slice(0, input.limit);
  const last = results.at(-1);
  const next_cursor = nextCursor(
    'results',
    { found: runs.length, limit: input.limit },
    last && { at: last.started_at, run_id: last.run_id },
  );
  return { test_id: input.test_id, results, total, limit: input.limit, offset: input.offset, next_cursor };
}

/** Durations of the runs of a monitor, newest first: one point per run. @throws {AppError} NOT_FOUND */
export async function listTiming(ctx: CoreContext, input: ListTimingInput): Promise<ListTimingOutput> {
  await requireMonitor(ctx, input.test_id);
  const { timing, total } = await ctx.runs.listTiming(input.test_id, pageOf('timing', input));
  const points = timing.slice(0, input.limit);
  const last = points.at(-1);
  const next_cursor = nextCursor(
    'timing',
    { found: timing.length, limit: input.limit },
    last && { at: last.timestamp, run_id: last.run_id },
  );
  return { test_id: input.test_id, timing: points, total, next_cursor };
}

/** Failed runs of a monitor, newest first. @throws {AppError} NOT_FOUND */
export async function listIncidents(ctx: CoreContext, input: ListIncidentsInput): Promise<ListIncidentsOutput> {
  await requireMonitor(ctx, input.test_id);
  const { incidents, total } = await ctx.runs.listIncidents(input.test_id, pageOf('incidents', input));
  const page = incidents.slice(0, input.limit);
  const isAlerted = await alertedRuns(
    ctx,
    input.test_id,
    page.map((incident) => incident.started_at),
  );
  const last = page.at(-1);
  return {
    test_id: input.test_id,
    incidents: page.map((incident) => ({ ...incident, alert_sent: incident.alert_sent || isAlerted(incident.started_at) })),
    total,
    next_cursor: nextCursor(
      'incidents',
      { found: incidents.length, limit: input.limit },
      last && { at: last.started_at, run_id: last.run_id },
    ),
  };
}

/** One run with its steps. @throws {AppError} NOT_FOUND */
export async function getRun(ctx: CoreContext, input: GetRunInput): Promise<Run> {
  await requireMonitor(ctx, input.test_id);
  const run = await ctx.runs.findRun(input.test_id, input.run_id);
  if (run === null) throw notFound('run', input.run_id);
  return run;
}

/** Follows the runs of a monitor as they happen, after the last 50 events or after one that is named. @throws {AppError} NOT_FOUND, UNAVAILABLE */
export async function watchMonitor(ctx: CoreContext, input: WatchMonitorInput, signal: AbortSignal): Promise<AsyncGenerator<LiveEvent>> {
  await requireMonitor(ctx, input.test_id);
  return ctx.runs.events.watch({ test_id: input.test_id, after: input.lastEventId ?? null, replay: REPLAY }, signal);
}
