import type { RunCounts } from '../ports/index.ts';

/** What a statement with these columns answers for a monitor. */
export interface RunningCounts {
  /** False where the running counts cannot tell: a window from before they were kept, or one in which a person excluded runs. */
  readonly is_counted: boolean;
  readonly total: number;
  readonly failed: number;
  readonly degraded: number;
  readonly flaky: number;
  readonly duration_ms: number;
}

const COUNTS = ['total', 'failed', 'degraded', 'flaky', 'duration_ms'] as const;

const before = (edge: string): string => `
    select ${COUNTS.map((name) => `r.${name}_before as ${name}`).join(', ')} from run r
    where r.test_id = s.test_id and r.started_at >= ${edge} order by r.started_at, r.run_id limit 1`;

/**
 * What a statement joins to `monitor_state s` for the counts of [$2, $3): the first run of each edge, which says how many came before
 * it; the totals say it where no run is as late. Two look-ups, however long the window is.
 */
export const RUNNING_JOINS = `
  left join lateral (${before('$2')}
  ) f on s.counted_until >= $2
  left join lateral (${before('$3')}
  ) l on s.counted_until >= $3`;

/** One look-up per monitor: `exists` may be answered by hashing all spans there are. */
const IS_KNOWN = `s.counted_from <= $2 and (select x.id from excluded_span x where x.test_id = s.test_id and x.kind = 'excluded'
      and x.revoked_at is null and x.from_at < $3 and x.to_at > $2 limit 1) is null`;

const difference = (name: string): string => `coalesce(l.${name}, s.counted_${name}) - coalesce(f.${name}, s.counted_${name})`;

/** Their columns but for whether they can tell: who reads the spans of the window as well sees it there. */
export const RUNNING_DIFFERENCES = COUNTS.map((name) => `${difference(name)} as ${name}`).join(', ');

/** Their columns, of `RunningCounts`. */
export const RUNNING_COLUMNS = `${IS_KNOWN} as is_counted, ${RUNNING_DIFFERENCES}`;

/** The counts of the window, or null: then they are to be read from the buckets. */
export function toRunCounts({ is_counted, total, failed, degraded, flaky, duration_ms: duration_ms_sum }: RunningCounts): RunCounts | null {
  return is_counted ? { total, passed: total - failed, degraded, flaky, excluded: 0, duration_ms_sum } : null;
}
