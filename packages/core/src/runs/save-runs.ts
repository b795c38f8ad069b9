import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { RecordedRun } from '../ports/index.ts';
import { addToBuckets } from './add-to-buckets.ts';

const flag = (value: boolean): number => (value ? 1 : 0);

interface SavedRow {
  readonly run_id: string;
  /** Runs of its monitor that started later, or as early, were there before. */
  readonly is_late: boolean;
}

/**
 * Inserts runs that are not there yet, with their details, and moves the totals of their monitors: one statement, whatever their
 * number. Each run is given the counts before it; those of late ones, and of all that follow them, are still to be put right.
 */
async function insertRuns(tx: Transaction<Database>, runs: readonly RecordedRun[]): Promise<SavedRow[]> {
  const column = <Value>(read: (run: RecordedRun) => Value): Value[] => runs.map(read);
  const { rows } = await sql<SavedRow>`
    with asked as (
      select i.*, coalesce((select true from run r where r.run_id = i.run_id), false) as is_known
      from unnest(${column((run) => run.run_id)}::text[], ${column((run) => run.test_id)}::text[],
        ${column((run) => run.workload_id)}::text[], ${column((run) => run.worker_id)}::text[],
        ${column((run) => run.started_at)}::timestamptz[], ${column((run) => run.completed_at)}::timestamptz[],
        ${column((run) => run.duration_ms)}::bigint[], ${column((run) => run.passed)}::boolean[],
        ${column((run) => run.is_degraded)}::boolean[], ${column((run) => run.is_flaky)}::boolean[],
        ${column((run) => run.attempts)}::int[], ${column((run) => run.triggered_by)}::text[],
        ${column((run) => run.steps_passed)}::int[], ${column((run) => run.steps_total)}::int[],
        ${column((run) => run.details)}::text[], ${column((run) => run.error)}::text[],
        ${column((run) => (run.step_results.length + run.artifacts.length === 0 ? null : JSON.stringify(run.step_results)))}::text[],
        ${column((run) => (run.artifacts.length === 0 ? null : JSON.stringify(run.artifacts)))}::text[])
        as i(run_id, test_id, workload_id, worker_id, started_at, completed_at, duration_ms, passed, is_degraded, is_flaky, attempts,
          triggered_by, steps_passed, steps_total, details, error, step_results, artifacts)
    ), states as (
      select test_id, counted_until, counted_total, counted_failed, counted_degraded, counted_flaky, counted_duration_ms
      from monitor_state where test_id = any (${[...new Set(runs.map((run) => run.test_id))]}::text[]) order by test_id for update
    ), fresh as (
      insert into run (run_id, test_id, workload_id, worker_id, started_at, completed_at, duration_ms, passed, is_degraded, is_flaky, attempts,
        triggered_by, steps_passed, steps_total, details, error, total_before, failed_before, degraded_before, flaky_before, duration_ms_before)
      select a.run_id, a.test_id, a.workload_id, a.worker_id, a.started_at, a.completed_at, a.duration_ms, a.passed, a.is_degraded, a.is_flaky,
        a.attempts, a.triggered_by, a.steps_passed, a.steps_total, a.details, a.error, s.counted_total + count(*) over earlier,
        s.counted_failed + count(*) filter (where not a.passed) over earlier,
        s.counted_degraded + count(*) filter (where a.is_degraded) over earlier,
        s.counted_flaky + count(*) filter (where a.is_flaky) over earlier,
        s.counted_duration_ms + coalesce(sum(a.duration_ms) over earlier, 0)
      from asked a join states s on s.test_id = a.test_id
      where not a.is_known
      window earlier as (partition by a.test_id order by a.started_at, a.run_id rows between unbounded preceding and 1 preceding)
      on conflict (run_id) do nothing
      returning run_id, test_id, started_at, duration_ms, passed, is_degraded, is_flaky
    ), detailed as (
      insert into run_detail (run_id, step_results, artifacts)
      select a.run_id, a.step_results, a.artifacts from asked a join fresh f on f.run_id = a.run_id where a.step_results is not null
    ), sums as (
      select test_id, count(*) as total, count(*) filter (where not passed) as failed, count(*) filter (where is_degraded) as degraded,
        count(*) filter (where is_flaky) as flaky, sum(duration_ms) as duration_ms, min(started_at) as first_at, max(started_at) as last_at
      from fresh group by test_id
    ), moved as (
      update monitor_state m set run_total = m.run_total + s.total, failed_total = m.failed_total + s.failed,
        counted_total = m.counted_total + s.total, counted_failed = m.counted_failed + s.failed,
        counted_degraded = m.counted_degraded + s.degraded, counted_flaky = m.counted_flaky + s.flaky,
        counted_duration_ms = m.counted_duration_ms + s.duration_ms, counted_until = greatest(m.counted_until, s.last_at),
        counted_from = case when m.counted_from = 'infinity' then greatest(m.counted_until, s.first_at) + interval '1 millisecond' else m.counted_from end
      from sums s where m.test_id = s.test_id
    )
    select f.run_id, s.first_at <= b.counted_until as is_late
    from fresh f join sums s on s.test_id = f.test_id join states b on b.test_id = f.test_id`.execute(tx);
  return rows;
}

/** Counts the runs before each run anew, from the earliest late one of each monitor on: back from the totals of the monitor. */
async function recount(tx: Transaction<Database>, late: readonly RecordedRun[]): Promise<void> {
  await sql`
    update run r set total_before = n.total, failed_before = n.failed, degraded_before = n.degraded, flaky_before = n.flaky,
      duration_ms_before = n.duration_ms
    from (
      select r.run_id, s.counted_total - count(*) over later as total, s.counted_failed - count(*) filter (where not r.passed) over later as failed,
        s.counted_degraded - count(*) filter (where r.is_degraded) over later as degraded,
        s.counted_flaky - count(*) filter (where r.is_flaky) over later as flaky, s.counted_duration_ms - sum(r.duration_ms) over later as duration_ms
      from (
        select test_id, min(started_at) as first_at from unnest(${late.map((run) => run.test_id)}::text[],
          ${late.map((run) => run.started_at)}::timestamptz[]) as i(test_id, started_at) group by test_id
      ) l join monitor_state s on s.test_id = l.test_id join run r on r.test_id = l.test_id and r.started_at >= l.first_at
      window later as (partition by r.test_id order by r.started_at desc, r.run_id desc rows unbounded preceding)
    ) n
    where r.run_id = n.run_id and (r.total_before, r.failed_before, r.degraded_before, r.flaky_before, r.duration_ms_before)
      is distinct from (n.total, n.failed, n.degraded, n.flaky, n.duration_ms)`.execute(tx);
}

/** Inserts runs with their details, buckets and totals, each once by `run_id`; answers those that are new, in the order given. */
export async function saveRuns(tx: Transaction<Database>, runs: readonly RecordedRun[]): Promise<RecordedRun[]> {
  if (runs.length === 0) return [];
  const unique = new Map(runs.map((run) => [run.run_id, run]));
  const saved = new Map((await insertRuns(tx, [...unique.values()])).map((row) => [row.run_id, row]));
  const fresh = [...unique.values()].filter((run) => saved.has(run.run_id));
  const late = fresh.filter((run) => saved.get(run.run_id)?.is_late === true);
  if (late.length > 0) await recount(tx, late);
  await addToBuckets(
    tx,
    fresh.map((run) => ({
      test_id: run.test_id,
      at: Date.parse(run.started_at),
      total: 1,
      passed: flag(run.passed),
      degraded: flag(run.is_degraded),
      flaky: flag(run.is_flaky),
      excluded: 0,
      duration_ms: run.duration_ms,
    })),
  );
  return fresh;
}
