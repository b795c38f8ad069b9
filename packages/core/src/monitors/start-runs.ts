import { sql } from 'kysely';
import { egressPolicy } from '../egress/index.ts';
import { AppError } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { RUN_KEY } from '../runs/index.ts';
import type { MonitorPayload, Step } from '../steps/contract.ts';
import { CreateWorkloadInput } from '../workloads/contract.ts';
import { createWorkload } from '../workloads/index.ts';

const MONITOR_QUEUE = 'monitors';
const MONITOR_KIND = 'monitor';
/** What an agent says of itself once it has seen a browser start. */
const BROWSER_LABELS = { browser: 'chromium' };

const BATCH = 500;
const MIN_START_MS = 60_000;
const MAX_START_MS = 900_000;
/** What a run may take besides its tries: starting a browser, and telling the result. */
const ALLOWANCE_MS = 15_000;
/** Pause between two tries inside a run, as the agent keeps it. */
const BETWEEN_TRIES_MS = 1000;

/** A run that has no workload yet. */
export interface WaitingRun {
  run_id: string;
  test_id: string;
  triggered_by: string;
  name: string;
  url: string | null;
  steps: string;
  timeout_ms: number;
  retries: number;
  interval_seconds: number | null;
}

type Targets = NonNullable<MonitorPayload['egress']>;

function workloadOf(run: WaitingRun, egress: Targets, nowMs: number): CreateWorkloadInput {
  const payload: MonitorPayload = {
    test_id: run.test_id,
    run_id: run.run_id,
    name: run.name,
    url: run.url,
    steps: JSON.parse(run.steps) as Step[],
    timeout_ms: run.timeout_ms,
    retries: run.retries,
    triggered_by: run.triggered_by,
    egress,
  };
  const patience = Math.min(MAX_START_MS, Math.max(MIN_START_MS, (run.interval_seconds ?? 0) * 1000));
  return CreateWorkloadInput.parse({
    kind: MONITOR_KIND,
    queue: MONITOR_QUEUE,
    isolation: 'process',
    payload,
    labels: { monitor: run.test_id },
    required_labels: payload.steps.some((step) => step.type === 'browser') ? BROWSER_LABELS : {},
    timeout_ms: (run.retries + 1) * (run.timeout_ms + BETWEEN_TRIES_MS) + ALLOWANCE_MS,
    start_deadline_at: new Date(nowMs + patience).toISOString(),
    idempotency_key: `${RUN_KEY}${run.run_id}`,
  });
}

/** Makes the workload of a run, once. */
export async function startWorkload(ctx: CoreContext, run: WaitingRun, egress: Targets): Promise<{ run_id: string; workload_id: string }> {
  try {
    const made = await createWorkload(ctx, workloadOf(run, egress, ctx.now()));
    return { run_id: run.run_id, workload_id: made.id };
  } catch (error) {
    // A server made it before it went away, and the monitor or the clock said something else then.
    const known = error instanceof AppError && error.code === 'CONFLICT' ? error.data?.['id'] : undefined;
    if (typeof known === 'string') return { run_id: run.run_id, workload_id: known };
    throw error;
  }
}

/**
 * Makes the workloads of runs that have none: those just opened, and those a server left behind when it went away in between.
 * Safe to repeat: a run's workload is made once, by its key.
 */
export async function startRuns(ctx: CoreContext, onlyRunId: string | null = null): Promise<{ run_id: string; workload_id: string }[]> {
  const { rows } = await sql<WaitingRun>`
    select o.run_id, o.test_id, o.triggered_by, m.name, m.url, m.steps, m.timeout_ms, m.retries, m.interval_seconds
    from open_run o join monitor m on m.id = o.test_id
    where o.workload_id is null and (${onlyRunId}::text is null or o.run_id = ${onlyRunId}::text)
    order by o.created_at limit ${BATCH}`.execute(ctx.database.db);
  if (rows.length === 0) return [];
  const egress = await egressPolicy(ctx);
  const outcomes = await Promise.allSettled(rows.map((run) => startWorkload(ctx, run, egress)));
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  if (started.length > 0) {
    await sql`update open_run o set workload_id = i.workload_id
      from unnest(${started.map((run) => run.run_id)}::text[], ${started.map((run) => run.workload_id)}::text[]) as i(run_id, workload_id)
      where o.run_id = i.run_id`.execute(ctx.database.db);
  }
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return started;
}
