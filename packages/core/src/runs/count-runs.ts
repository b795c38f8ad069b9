import type { RunCounts, Statement, StatementRunner } from '../ports/index.ts';
import { KEEP_DAYS } from './prune-runs.ts';
import { splitWindow, type Span } from './split-window.ts';

const DAY_MS = 86_400_000;

/** The function carries the setting that makes its plan good for any window; see its migration. */
const COUNT_RUNS: Statement = {
  name: 'count_runs',
  text: 'select total, passed, degraded, flaky, excluded, duration_ms_sum from count_runs($1, $2, $3, $4, $5, $6)',
};

/** Counts a window for each monitor, in the order of the ids: exact, from about a hundred rows each. */
export function countRuns(
  reader: StatementRunner,
  testIds: readonly string[],
  { from, to, now_ms: nowMs }: Span & { readonly now_ms: number },
): Promise<RunCounts[]> {
  // An hour's grace: the pruning counts by the clock of the database.
  const { buckets, raw } = splitWindow({ from, to }, nowMs - KEEP_DAYS.minutes * DAY_MS + DAY_MS / 24);
  const times = (spans: readonly Span[], edge: 'from' | 'to'): string[] => spans.map((span) => new Date(span[edge]).toISOString());
  return reader.run<RunCounts>(COUNT_RUNS, [
    testIds,
    buckets.map((range) => range.seconds),
    times(buckets, 'from'),
    times(buckets, 'to'),
    times(raw, 'from'),
    times(raw, 'to'),
  ]);
}
