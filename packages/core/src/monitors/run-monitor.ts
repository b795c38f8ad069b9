import { AppError, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import type { Run } from '../runs/contract.ts';
import { streamOf } from '../runs/index.ts';
import type { RunMonitorInput, RunStarted } from './contract.ts';
import { findRow } from './get-monitor.ts';
import { startRuns } from './start-runs.ts';

/** Runs of one monitor that may be under way at once. */
const MAX_OPEN = 20;

async function openRun(ctx: CoreContext, testId: string): Promise<string> {
  const { db } = ctx.database;
  const monitor = await findRow(db, testId);
  if (monitor === undefined) throw notFound('monitor', testId);
  if (monitor.type === 'heartbeat')
    throw new AppError('CONFLICT', 'A heartbeat monitor is not run: it waits for a ping.', { data: { type: monitor.type } });
  const open = await db.selectFrom('open_run').select('run_id').where('test_id', '=', testId).limit(MAX_OPEN).execute();
  if (open.length >= MAX_OPEN) {
    throw new AppError('RATE_LIMITED', `${MAX_OPEN} runs of this monitor are under way; wait for one of them.`, {
      data: { retry_after_ms: 1000 },
    });
  }
  const runId = newId('run', ctx.now());
  await db
    .insertInto('open_run')
    .values({ run_id: runId, test_id: testId, workload_id: null, triggered_by: 'manual', is_scheduled: false })
    .execute();
  return runId;
}

/** Runs a monitor now, also a paused one, beside its schedule. @throws {AppError} NOT_FOUND, CONFLICT for a heartbeat */
export async function runMonitor(ctx: CoreContext, input: Pick<RunMonitorInput, 'test_id'>): Promise<RunStarted> {
  const runId = await openRun(ctx, input.test_id);
  const [started] = await startRuns(ctx, runId);
  if (started !== undefined) return started;
  // The scheduler's round came first.
  const row = await ctx.database.db.selectFrom('open_run').select('workload_id').where('run_id', '=', runId).executeTakeFirst();
  const workloadId = row?.workload_id ?? null;
  if (workloadId === null)
    throw new AppError('UNAVAILABLE', 'The run is being started; look for it in the results.', { data: { run_id: runId } });
  return { run_id: runId, workload_id: workloadId };
}

/**
 * Waits for the end of a run.
 * @throws {AppError} CONFLICT when it was cancelled, UNAVAILABLE when `signal` aborts first.
 */
export async function waitForRun(ctx: CoreContext, run: { test_id: string; run_id: string }, signal: AbortSignal): Promise<Run> {
  let wake: (() => void) | null = null;
  let hasNews = true;
  const raise = (): void => {
    hasNews = true;
    wake?.();
  };
  const stop = ctx.hub.listen(streamOf(run.test_id), raise);
  signal.addEventListener('abort', raise, { once: true });
  try {
    while (!signal.aborted) {
      if (!hasNews) await new Promise<void>((resolve) => (wake = resolve));
      hasNews = false;
      const open = await ctx.database.db.selectFrom('open_run').select('run_id').where('run_id', '=', run.run_id).executeTakeFirst();
      if (open !== undefined) continue;
      const found = await ctx.runs.findRun(run.test_id, run.run_id);
      if (found !== null) return found;
      throw new AppError('CONFLICT', 'The run was cancelled.', { data: { run_id: run.run_id } });
    }
    throw new AppError('UNAVAILABLE', 'The run goes on; look for it in the results.', { data: { run_id: run.run_id } });
  } finally {
    stop();
    signal.removeEventListener('abort', raise);
  }
}
