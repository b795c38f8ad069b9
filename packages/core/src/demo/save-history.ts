import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { CoreContext, RecordedRun } from '../ports/index.ts';
import type { MonitorPlan } from './plan-monitor.ts';

/** Runs handed over at once: few enough that a store answers each in time. */
const CHUNK = 500;

function recordedRuns(plan: MonitorPlan): RecordedRun[] {
  const steps = new Map(plan.details.map((detail) => [detail.run_id, JSON.parse(detail.step_results) as unknown[]]));
  return plan.runs.map((run) => ({ ...run, step_results: steps.get(run.run_id) ?? [], artifacts: [] }));
}

/** Forgets what the store of the history holds of these monitors. */
export async function forgetHistory(ctx: CoreContext, tx: Transaction<Database>, plans: readonly MonitorPlan[]): Promise<void> {
  for (const { entry } of plans) await ctx.runs.remove(tx, entry.id);
}

/**
 * Records the runs of a demo in a store that has no part in the caller's transaction. What an earlier load left there, which was
 * stopped half-way, goes first.
 */
export async function saveHistory(ctx: CoreContext, tx: Transaction<Database>, plans: readonly MonitorPlan[]): Promise<void> {
  await forgetHistory(ctx, tx, plans);
  for (const plan of plans) {
    const runs = recordedRuns(plan);
    for (let start = 0; start < runs.length; start += CHUNK)
      await ctx.runs.record(tx, runs.slice(start, start + CHUNK), { is_silent: true });
  }
}
