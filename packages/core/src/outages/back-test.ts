import { notFound } from '../errors.ts';
import { AlertPolicy } from '../monitors/contract.ts';
import type { CoreContext } from '../ports/index.ts';
import { intervalMs } from '../schedules/index.ts';
import type { BackTest, BackTestInput } from './contract.ts';
import type { Observation } from './observe.ts';
import { staleMs, timelineOf, type TimelinePolicy } from './timeline.ts';

const HOUR_MS = 3_600_000;
const PAGE = 1000;
const MAX_RUNS = 50_000;

const iso = (ms: number): string => new Date(ms).toISOString();

/** The counted runs of a monitor since a moment, newest first; the newest of very many. */
export async function listObservations(ctx: CoreContext, testId: string, from: number): Promise<Observation[]> {
  const runs: Observation[] = [];
  let before: { started_at: string; run_id: string } | undefined;
  do {
    const page = await ctx.runs.listRuns(testId, { limit: PAGE, offset: 0, from, before });
    for (const run of page.runs)
      if (run.is_excluded !== true) runs.push({ run_id: run.run_id, at: Date.parse(run.started_at), passed: run.passed, error: run.error });
    const last = page.runs.at(-1);
    before = page.runs.length < PAGE || last === undefined ? undefined : { started_at: last.started_at, run_id: last.run_id };
  } while (before !== undefined && runs.length < MAX_RUNS);
  return runs;
}

/** What a policy makes of runs: the notices it sends and the outages it sees. */
function replay(runs: readonly Observation[], policy: TimelinePolicy, nowMs: number): BackTest['proposed'] {
  const { changes, segments, state } = timelineOf(runs, policy);
  const knownUntil = Math.min(nowMs, (state.last_at ?? nowMs) + policy.stale_ms);
  const outages = changes.flatMap((change, index) => {
    if (change.side !== 'down') return [];
    const end = changes[index + 1]?.at ?? null;
    const confirmed = change.streak.at(-1)?.at ?? change.at;
    const failed = runs.filter((run) => !run.passed && run.at >= change.at && (end === null || run.at < end)).length;
    return [{ opened_at: iso(change.at), confirmed_at: iso(confirmed), resolved_at: end === null ? null : iso(end), failed_runs: failed }];
  });
  const delays = outages.map((outage) => Date.parse(outage.confirmed_at) - Date.parse(outage.opened_at));
  const down_ms = segments
    .filter((segment) => segment.state === 'down')
    .reduce((sum, segment) => sum + Math.max(0, (segment.to ?? knownUntil) - segment.from), 0);
  const mean_detection_ms = delays.length === 0 ? null : delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
  return { alerts: outages.length, down_ms, outages: outages.slice(-200), mean_detection_ms };
}

/** Replays recorded runs under a policy, beside the saved one. Changes nothing. @throws {AppError} NOT_FOUND */
export async function backTest(ctx: CoreContext, input: BackTestInput): Promise<BackTest> {
  const monitor = await ctx.database.db.selectFrom('monitor').selectAll().where('id', '=', input.test_id).executeTakeFirst();
  if (monitor === undefined) throw notFound('monitor', input.test_id);
  const now = ctx.now();
  const runs = await listObservations(ctx, input.test_id, now - input.hours * HOUR_MS);
  const stale_ms = staleMs(intervalMs(monitor, now), monitor.timeout_ms * (monitor.retries + 1));
  return {
    test_id: input.test_id,
    runs: runs.length,
    proposed: replay(runs, { ...input.alert, stale_ms }, now),
    current: replay(runs, { ...AlertPolicy.parse(monitor.alert), stale_ms }, now),
  };
}
