import { csvOf } from '../csv.ts';
import { jsonLinesOf, type ReadPage } from '../pages.ts';
import type { CoreContext } from '../ports/index.ts';
import type { ExportResultsInput, Run } from './contract.ts';
import { requireMonitor } from './require-monitor.ts';

const COLUMNS = [
  'run_id',
  'passed',
  'duration_ms',
  'steps_passed',
  'steps_total',
  'details',
  'error',
  'triggered_by',
  'started_at',
  'completed_at',
  'attempts',
  'is_flaky',
  'is_degraded',
  'is_excluded',
  'workload_id',
  'worker_id',
] as const satisfies readonly (keyof Run)[];

/** A record may hold its steps at length. */
const PAGE = 100;

interface Asked extends ExportResultsInput {
  /** A run as the caller may see it; default: whole. */
  readonly shown?: (run: Run) => Run;
}

const epochMs = (time: string | undefined): number | undefined => (time === undefined ? undefined : Date.parse(time));

/** A line of the CSV: every column has its value. */
function toRow(run: Run) {
  const { attempts = null, is_flaky = null, is_degraded = null, is_excluded = null, workload_id = null, worker_id = null } = run;
  return { ...run, attempts, is_flaky, is_degraded, is_excluded, workload_id, worker_id };
}

/**
 * Reads on from call to call, whatever cursor it is given. Only a page without a run is the end: a store leaves out what it cannot
 * read, so that a page that is not full may be followed by others.
 */
function runReader<Row>(ctx: CoreContext, input: Asked, write: (run: Run) => Row): ReadPage<Row> {
  const asked = { passed: input.passed, from: epochMs(input.from), to: epochMs(input.to), without_artifacts: true, limit: PAGE, offset: 0 };
  let first: Run | undefined;
  let last: Run | undefined;
  return async () => {
    let { runs } = await ctx.runs.listRuns(input.test_id, { ...asked, before: last });
    // An id that an earlier deployment gave twice leads back to the newer run of it; then the time leads on.
    if (first !== undefined && last !== undefined && (runs[0]?.started_at ?? '') >= first.started_at)
      ({ runs } = await ctx.runs.listRuns(input.test_id, { ...asked, to: Date.parse(last.started_at) }));
    first = runs[0];
    last = runs.at(-1);
    return { items: runs.map((run) => write(input.shown?.(run) ?? run)), next_cursor: last?.run_id ?? null };
  };
}

/**
 * Runs of a monitor as CSV (RFC 4180), newest first, a page of lines at a time: memory does not grow with them. Cells that a
 * spreadsheet would run as formulas are text. @throws {AppError} NOT_FOUND; later UNAVAILABLE when `signal` aborts before the end.
 */
export async function exportResults(ctx: CoreContext, input: Asked, signal: AbortSignal): Promise<AsyncGenerator<string, void>> {
  await requireMonitor(ctx, input.test_id);
  return csvOf(COLUMNS, runReader(ctx, input, toRow), signal);
}

/** The same as JSON lines, each a run with its steps and without its artifacts. @throws {AppError} as `exportResults` */
export async function exportResultLines(ctx: CoreContext, input: Asked, signal: AbortSignal): Promise<AsyncGenerator<string, void>> {
  await requireMonitor(ctx, input.test_id);
  return jsonLinesOf(
    runReader(ctx, input, ({ artifacts: _artifacts, ...run }) => run),
    signal,
  );
}
