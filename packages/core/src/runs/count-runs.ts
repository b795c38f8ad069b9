import type { RunCounts, Statement, StatementRunner } from '../ports/index.ts';
import { KEEP_DAYS } from './prune-runs.ts';
import { splitWindow, type Span } from './split-window.ts';

const DAY_MS = 86_400_000;

/**
 * Counts of $1 (monitors) over ranges of whole buckets ($2 seconds, $3 from, $4 to) and raw pieces ($5 from, $6 to), in the order of the
 * ids. Lateral: each range is one index scan, and the text does not depend on the window, so a connection plans it once.
 */
const COUNT_RUNS: Statement = {
  name: 'count_runs',
  text: `
select coalesce(sum(p.total), 0)::bigint as total, coalesce(sum(p.passed), 0)::bigint as passed, coalesce(sum(p.degraded), 0)::bigint as degraded,
  coalesce(sum(p.flaky), 0)::bigint as flaky, coalesce(sum(p.excluded), 0)::bigint as excluded, coalesce(sum(p.duration_ms), 0)::bigint as duration_ms_sum
from unnest($1::text[]) with ordinality as i(test_id, ord)
left join lateral (
  select b.* from unnest($2::int[], $3::timestamptz[], $4::timestamptz[]) as r(seconds, from_at, to_at)
  cross join lateral (
    select sum(total) as total, sum(passed) as passed, sum(degraded) as degraded, sum(flaky) as flaky, sum(excluded) as excluded,
      sum(duration_ms_sum) as duration_ms
    from run_bucket where test_id = i.test_id and bucket_seconds = r.seconds and bucket_at >= r.from_at and bucket_at < r.to_at) b
  union all
  select e.* from unnest($5::timestamptz[], $6::timestamptz[]) as r(from_at, to_at)
  cross join lateral (
    select count(*) filter (where not is_excluded), count(*) filter (where passed and not is_excluded),
      count(*) filter (where is_degraded and not is_excluded), count(*) filter (where is_flaky and not is_excluded),
      count(*) filter (where is_excluded), sum(duration_ms) filter (where not is_excluded)
    from run where test_id = i.test_id and started_at >= r.from_at and started_at < r.to_at) e
) p on true
group by i.ord order by i.ord`,
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
