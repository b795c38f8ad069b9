import type { CoreContext } from '../ports/index.ts';
import type { Uptime, UptimeExplanation, UptimeInput } from './contract.ts';
import { readUptime, windowOf } from './get-uptime.ts';
import type { UptimeSources } from './read-sources.ts';
import { floorPct } from './uptime-pct.ts';

const MAX_FAILED = 500;

const iso = (ms: number): string => new Date(ms).toISOString();

function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 360) / 10} h`;
}

function sentencesOf(uptime: Uptime): string[] {
  const { time_weighted: time } = uptime;
  const byRuns = uptime.has_data
    ? `By runs: ${uptime.passed_runs} of ${uptime.total_runs} passed, which is ${uptime.uptime_pct.toFixed(1)} % (rounded down).`
    : 'By runs: there were none, so the figure is 100.0 % by definition.';
  const byTime =
    time.uptime_pct === null
      ? 'By time: no time counts, so there is no figure.'
      : `By time: down ${span(time.down_ms)} of ${span(time.eligible_ms)} that count, which is ${floorPct(time.uptime_pct)} % up.`;
  const left = [
    [time.maintenance_ms, 'of planned maintenance'],
    [time.paused_ms, 'while paused'],
    [time.excluded_ms, 'excluded by a person'],
    [time.unknown_ms, 'in which nothing was observed'],
    [time.not_yet_ms, 'before the monitor existed'],
  ] as const;
  const out = left.filter(([ms]) => ms > 0).map(([ms, why]) => `${span(ms)} ${why}`);
  return [
    byRuns,
    byTime,
    ...(out.length > 0 ? [`Left out of the time: ${out.join(', ')}.`] : []),
    ...(uptime.excluded_runs > 0 ? [`Left out of the runs: ${uptime.excluded_runs} that a person excluded.`] : []),
    `Coverage: ${uptime.coverage_pct} % of the runs the schedule asked for took place.`,
    ...(uptime.flaky_runs > 0 ? [`${uptime.flaky_runs} passed only after a further try; tries are not runs.`] : []),
  ];
}

/** The states of a window, cut to it; an open one ends where nothing speaks for it any more. */
export function segmentsOf({ segments, window }: UptimeSources): UptimeExplanation['segments'] {
  return segments.map((segment) => ({
    state: segment.state,
    from: iso(Math.max(segment.from, window.from)),
    to: iso(Math.min(segment.to ?? Math.max(segment.from, window.known_until), window.to)),
  }));
}

/** What does not count of a window, cut to it. */
export function excludedOf({ spans, window }: UptimeSources): UptimeExplanation['excluded'] {
  return spans.map((entry) => ({
    kind: entry.kind,
    from: iso(Math.max(entry.from, window.from)),
    to: iso(Math.min(entry.to, window.to)),
    reason: entry.reason,
  }));
}

/** Why an uptime is what it is: every failed run, every span left out, the states over time and the rules. @throws {AppError} NOT_FOUND */
export async function explainUptime(ctx: CoreContext, input: UptimeInput): Promise<UptimeExplanation> {
  const window = windowOf(input, ctx.now() + 1);
  const [{ uptime, sources }, failed] = await Promise.all([
    readUptime(ctx, input.test_id, window),
    ctx.runs.listRuns(input.test_id, { limit: MAX_FAILED, offset: 0, passed: false, from: window.from, to: window.to }),
  ]);
  return {
    uptime,
    sentences: sentencesOf(uptime),
    failed_runs: failed.runs.map(({ step_results: _steps, artifacts: _artifacts, ...run }) => run),
    excluded: excludedOf(sources),
    segments: segmentsOf(sources),
    policy: {
      stale_after_seconds: sources.stale_ms / 1000,
      maintenance: 'exclude',
      unknown: 'exclude',
      paused: 'exclude',
      degraded_weight: 0,
    },
  };
}
