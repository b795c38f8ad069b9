import { egressPolicy } from '../egress/index.ts';
import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import type { Run } from '../runs/contract.ts';
import { toRecordedRun } from '../runs/index.ts';
import type { TryMonitorInput } from './contract.ts';
import { startWorkload, type WaitingRun } from './start-runs.ts';

function draftRun(ctx: CoreContext, input: TryMonitorInput): WaitingRun {
  return {
    run_id: newId('run', ctx.now()),
    test_id: 'draft',
    triggered_by: 'try',
    name: 'Draft',
    url: input.url ?? null,
    steps: JSON.stringify(input.steps),
    timeout_ms: input.timeout_ms,
    retries: 0,
    interval_seconds: null,
  };
}

async function waitForEnd(ctx: CoreContext, workloadId: string, signal: AbortSignal): Promise<void> {
  let wake: (() => void) | null = null;
  const stop = ctx.hub.listen(workloadId, () => wake?.());
  const onAbort = (): void => wake?.();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    while (!signal.aborted) {
      const news = new Promise<void>((resolve) => (wake = resolve));
      const row = await ctx.database.db.selectFrom('workload').select('finished_at').where('id', '=', workloadId).executeTakeFirst();
      if (row?.finished_at !== null) return;
      if (!signal.aborted) await news;
    }
    throw new AppError('UNAVAILABLE', 'The trial goes on; look at its workload.', { data: { workload_id: workloadId } });
  } finally {
    stop();
    signal.removeEventListener('abort', onAbort);
  }
}

/** What a workload that was removed tells of its end. */
const GONE = {
  status: null,
  status_reason: null,
  output: null,
  error: null,
  worker_id: null,
  duration_ms: null,
  lease_losses: null,
  started_at: null,
  finished_at: null,
};

function readEnd(ctx: CoreContext, workloadId: string) {
  return ctx.database.db
    .selectFrom('workload')
    .select(['status', 'status_reason', 'output', 'error', 'worker_id', 'duration_ms', 'lease_losses', 'started_at', 'finished_at'])
    .select('created_at as opened_at')
    .where('id', '=', workloadId)
    .executeTakeFirst();
}

/**
 * Runs a monitor that is not saved once, and answers how that went. Nothing is kept but its workload.
 * @throws {AppError} UNAVAILABLE when `signal` aborts first, CONFLICT when somebody cancelled it.
 */
export async function tryMonitor(ctx: CoreContext, input: TryMonitorInput, signal: AbortSignal): Promise<Run> {
  const draft = draftRun(ctx, input);
  const { workload_id: workloadId } = await startWorkload(ctx, draft, await egressPolicy(ctx));
  await waitForEnd(ctx, workloadId, signal);
  const row = await readEnd(ctx, workloadId);
  const now = new Date(ctx.now()).toISOString();
  const run = toRecordedRun({
    ...(row ?? { ...GONE, opened_at: now }),
    ...draft,
    workload_id: workloadId,
    step_count: input.steps.length,
    has_browser: input.steps.some((step) => step.type === 'browser'),
    degraded_ms: null,
    recorded_at: now,
  });
  if (run === null) throw new AppError('CONFLICT', 'The trial was cancelled.', { data: { workload_id: workloadId } });
  const { test_id: _draft, ...shown } = run;
  return { ...shown, artifacts: [...run.artifacts] };
}
