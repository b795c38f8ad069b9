import type { Selectable } from 'kysely';
import type { Database } from '../db/schema.ts';
import { staleMs, timelineOf, type Observation, type Segment, type SideChange, type TimelineState } from '../outages/index.ts';
import { bustle, Dice } from './dice.ts';
import { DEMO_ALERT, type DemoMonitor, type DemoOutage } from './monitor-catalog.ts';
import { DAY_MS, type Span } from './span.ts';

export type RunRow = Omit<Selectable<Database['run']>, keyof CountsBefore>;

/** How many runs of its monitor came before a run, and how long they took. */
export type CountsBefore = Pick<
  Selectable<Database['run']>,
  'total_before' | 'failed_before' | 'degraded_before' | 'flaky_before' | 'duration_ms_before'
>;

/** A monitor's month: its runs, oldest first, and what follows from them by the rules of the real ones. */
export interface MonitorPlan {
  readonly entry: DemoMonitor;
  readonly runs: readonly RunRow[];
  readonly details: readonly Selectable<Database['run_detail']>[];
  readonly segments: readonly Segment[];
  readonly state: TimelineState;
  readonly outages: readonly Selectable<Database['outage']>[];
}

/** Passed runs keep their steps this long here; failed ones always do. */
const DETAILS_MS = DAY_MS;
const TIMEOUT_MS = 10_000;

function outageAt(entry: DemoMonitor, at: number, now: number): DemoOutage | null {
  return entry.outages.find((outage) => at >= now - outage.from && at < now - outage.to) ?? null;
}

/** Slower in the evening, and in the minutes before everything falls over. */
function strain(entry: DemoMonitor, at: number, now: number): number {
  const evening = 1 + (entry.evening - 1) * Math.max(0, bustle(at) - 0.6);
  const before = entry.outages.map((outage) => now - outage.from - at).filter((ms) => ms > 0 && ms < 1_800_000);
  return before.length === 0 ? evening : evening * 2.4;
}

function stepEntries(entry: DemoMonitor, run: RunRow, status: number): unknown[] {
  const names = ['open', ...(entry.second_step === undefined ? [] : [entry.second_step.name])];
  return names.map((name, index) => {
    const isFailed = !run.passed && index === names.length - 1;
    const duration_ms = Math.max(1, Math.round(run.duration_ms * (names.length === 1 ? 1 : index === 0 ? 0.45 : 0.55)));
    const actual = isFailed ? status : 200;
    const assertions = [{ source: 'status', op: 'eq', expected: 200, actual, passed: !isFailed }];
    const ttfb = Math.round(duration_ms * 0.7);
    const phases = { dns_ms: 1, connect_ms: 2, tls_ms: 0, ttfb_ms: ttfb, download_ms: Math.max(0, duration_ms - ttfb - 3) };
    const error = isFailed ? `status: expected 200, got ${status}` : null;
    return { step_number: index + 1, name, type: 'http', passed: !isFailed, duration_ms, error, assertions, phases };
  });
}

function runAt(entry: DemoMonitor, started: number, dice: Dice): { run: RunRow; status: number } {
  const { span } = dice;
  const outage = outageAt(entry, started, span.now);
  const isBlip = outage === null && dice.chance(1 / entry.one_fails_in);
  const passed = outage === null && !isBlip;
  const usual = dice.around(entry.usual_ms * strain(entry, started, span.now), entry.spread);
  const duration_ms = Math.min(TIMEOUT_MS, outage === null ? usual : Math.ceil(usual * 0.3));
  const status = outage?.status ?? (isBlip ? 504 : 200);
  const steps = entry.second_step === undefined ? 1 : 2;
  const last = entry.second_step?.name;
  const error = outage?.error ?? `${last === undefined ? '' : `${last}: `}status: expected 200, got ${status}`;
  const run: RunRow = {
    run_id: dice.id('run', started),
    test_id: entry.id,
    workload_id: null,
    worker_id: null,
    started_at: span.iso(started),
    completed_at: span.iso(started + duration_ms),
    duration_ms,
    passed,
    is_degraded: passed && entry.degraded_ms !== null && duration_ms > entry.degraded_ms,
    is_flaky: false,
    is_excluded: false,
    attempts: 1,
    triggered_by: 'schedule',
    steps_passed: passed ? steps : steps - 1,
    steps_total: steps,
    details: passed ? 'All steps passed.' : `${steps - 1} of ${steps} steps passed.`,
    error: passed ? null : error,
  };
  return { run, status };
}

/** The outages that these changes of side are, as they would have been recorded. */
function outagesOf(
  entry: DemoMonitor,
  seen: { runs: readonly Observation[]; changes: readonly SideChange[] },
  dice: Dice,
): Selectable<Database['outage']>[] {
  const { span } = dice;
  return seen.changes.flatMap((change, index) => {
    if (change.side !== 'down') return [];
    const recovery = seen.changes[index + 1] ?? null;
    const failed = seen.runs.filter((run) => !run.passed && run.at >= change.at && (recovery === null || run.at < recovery.at));
    const [first] = failed;
    const last = failed.at(-1);
    if (first === undefined || last === undefined) return [];
    const passed = seen.runs.findLast((run) => run.passed && run.at < change.at);
    const confirmed = change.streak.at(-1)?.at ?? change.at;
    return [
      {
        id: dice.id('out', confirmed),
        test_id: entry.id,
        status: recovery === null ? ('open' as const) : ('resolved' as const),
        opened_at: span.iso(change.at),
        confirmed_at: span.iso(confirmed),
        acknowledged_at: null,
        acknowledged_by: null,
        resolved_at: recovery === null ? null : span.iso(recovery.at),
        resolution: recovery === null ? null : ('recovered' as const),
        failed_runs: failed.length,
        first_run_id: first.run_id,
        last_run_id: last.run_id,
        last_failed_at: span.iso(last.at),
        last_passed_at: passed === undefined ? null : span.iso(passed.at),
        recovery_run_id: recovery === null ? null : (recovery.streak[0]?.run_id ?? null),
        error: last.error,
        reopen_count: 0,
        muted_until: null,
        is_suppressed: false,
        held_until: null,
        resolved_by: null,
      },
    ];
  });
}

/** Runs a monitor through the month: at its interval, with a little delay each time, until it was paused or now. */
export function planMonitor(entry: DemoMonitor, span: Span): MonitorPlan {
  const dice = new Dice(span, entry.id);
  const every = entry.every_seconds * 1000;
  const until = span.now - (entry.paused_since ?? 0);
  const runs: RunRow[] = [];
  const details: Selectable<Database['run_detail']>[] = [];
  for (let due = span.from + dice.whole(0, Math.min(every, 60_000)); due < until - TIMEOUT_MS; due += every) {
    const { run, status } = runAt(entry, due + dice.whole(5, 400), dice);
    runs.push(run);
    const isKept = !run.passed || due > span.now - DETAILS_MS;
    if (isKept) details.push({ run_id: run.run_id, step_results: JSON.stringify(stepEntries(entry, run, status)), artifacts: null });
  }
  const observations = runs.map((run) => ({ run_id: run.run_id, at: Date.parse(run.started_at), passed: run.passed, error: run.error }));
  const { segments, state, changes } = timelineOf(observations, { ...DEMO_ALERT, stale_ms: staleMs(every, TIMEOUT_MS) });
  return { entry, runs, details, segments, state, outages: outagesOf(entry, { runs: observations, changes }, dice) };
}
