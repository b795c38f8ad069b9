import type { RunCounts, Statement, StatementRunner } from '../ports/index.ts';
import { KEEP_DAYS } from './prune-runs.ts';
import { RUNNING_COLUMNS, RUNNING_JOINS, toRunCounts, type RunningCounts } from './running-counts.ts';
import { splitWindow, type Span } from './split-window.ts';

const DAY_MS = 86_400_000;
const NO_RUNS: RunCounts = { total: 0, passed: 0, degraded: 0, flaky: 0, excluded: 0, duration_ms_sum: 0 };

const COUNT_RUNNING: Statement = {
  name: 'count_runs_between',
  text: `select s.test_id, ${RUNNING_COLUMNS} from unnest($1::text[]) as i(id) join monitor_state s on s.test_id = i.id ${RUNNING_JOINS}`,
};

/** The function carries the setting that makes its plan good for any window; see its migration. */
const COUNT_BUCKETS: Statement = {
  name: 'count_runs',
  text: 'select total, passed, degraded, flaky, excluded, duration_ms_sum from count_runs($1, $2, $3, $4, $5, $6)',
};

interface Window extends Span {
  readonly now_ms: number;
}

/** From about a hundred rows each, in the order of the ids. */
function countBuckets(reader: StatementRunner, testIds: readonly string[], { from, to, now_ms: nowMs }: Window): Promise<RunCounts[]> {
  // An hour's grace: the pruning counts by the clock of the database.
  const { buckets, raw } = splitWindow({ from, to }, nowMs - KEEP_DAYS.minutes * DAY_MS + DAY_MS / 24);
  const times = (spans: readonly Span[], edge: 'from' | 'to'): string[] => spans.map((span) => new Date(span[edge]).toISOString());
  return reader.run<RunCounts>(COUNT_BUCKETS, [
    testIds,
    buckets.map((range) => range.seconds),
    times(buckets, 'from'),
    times(buckets, 'to'),
    times(raw, 'from'),
    times(raw, 'to'),
  ]);
}

/** Counts a window for each monitor, in the order of the ids: exact, from two rows each, or from the buckets where those cannot tell. */
export async function countRuns(reader: StatementRunner, testIds: readonly string[], window: Window): Promise<RunCounts[]> {
  const edges = [new Date(window.from).toISOString(), new Date(window.to).toISOString()];
  const rows = await reader.run<RunningCounts & { test_id: string }>(COUNT_RUNNING, [testIds, ...edges]);
  const counts = new Map(rows.map((row) => [row.test_id, toRunCounts(row)]));
  const rest = rows.filter((row) => !row.is_counted).map((row) => row.test_id);
  if (rest.length > 0) {
    const counted = await countBuckets(reader, rest, window);
    for (const [index, id] of rest.entries()) counts.set(id, counted[index] ?? NO_RUNS);
  }
  return testIds.map((id) => counts.get(id) ?? NO_RUNS);
}
