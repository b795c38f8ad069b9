import { MonitorResult } from '../steps/contract.ts';
import type { RecordedRun } from '../ports/index.ts';

/** A run in progress with the workload that carried it, once that is over. */
export interface EndedRun {
  readonly run_id: string;
  readonly test_id: string;
  readonly triggered_by: string;
  readonly opened_at: string;
  readonly workload_id: string | null;
  /** Null when the workload is gone. */
  readonly status: string | null;
  readonly status_reason: string | null;
  readonly output: string | null;
  readonly error: string | null;
  readonly worker_id: string | null;
  readonly duration_ms: number | null;
  readonly timeout_ms: number | null;
  readonly lease_losses: number | null;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly step_count: number;
  readonly has_browser: boolean;
  readonly degraded_ms: number | null;
  readonly recorded_at: string;
}

const NUL = /\0/g;
const MAX_TEXT = 16_384;

/** Text as every store can keep it. */
function storable(text: string): string {
  return text.replaceAll(NUL, '\u{FFFD}').toWellFormed().slice(0, MAX_TEXT);
}

function resultOf(output: string | null): MonitorResult | null {
  if (output === null) return null;
  try {
    const parsed = MonitorResult.safeParse(JSON.parse(output));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Why there is no result, in words. */
function reasonOf(ended: EndedRun): string {
  const said = ended.error === null || ended.error === '' ? '' : `: ${ended.error}`;
  if (ended.status === null) return 'The workload of this run was removed before it ended.';
  if (ended.status === 'completed') return 'The worker answered with something that is not a result.';
  switch (ended.status_reason) {
    case 'expired':
      return `No worker took this run in time. Is one online that serves the queue monitors and the kind monitor${ended.has_browser ? ', with a browser (label browser=chromium)' : ''}?`;
    case 'timeout':
      return `The run took longer than ${ended.timeout_ms ?? 0} ms and was stopped${said}`;
    case 'quarantined':
      return `The worker was lost ${ended.lease_losses ?? 0} times during this run.`;
    default:
      return ended.error ?? 'The run failed without telling why.';
  }
}

/**
 * The run as the history keeps it; null for one that was cancelled, which is no run. A workload that ended without a result is a
 * failed run that says why. A run passes only when each of its steps did.
 */
export function toRecordedRun(ended: EndedRun): RecordedRun | null {
  if (ended.status === 'cancelled') return null;
  const result = ended.status === 'completed' ? resultOf(ended.output) : null;
  const common = {
    run_id: ended.run_id,
    test_id: ended.test_id,
    triggered_by: ended.triggered_by,
    started_at: ended.started_at ?? ended.opened_at,
    completed_at: ended.finished_at ?? ended.recorded_at,
    workload_id: ended.workload_id,
    worker_id: ended.worker_id,
    is_excluded: false,
  };
  if (result === null) {
    const error = storable(reasonOf(ended));
    const duration_ms = ended.duration_ms ?? 0;
    const details = 'The run ended without a result.';
    const steps = { steps_passed: 0, steps_total: Math.max(1, ended.step_count) };
    return {
      ...common,
      ...steps,
      passed: false,
      duration_ms,
      details,
      error,
      step_results: [],
      artifacts: [],
      attempts: 1,
      is_flaky: false,
      is_degraded: false,
    };
  }
  const passed = result.passed && result.steps_passed === result.steps_total;
  const failedSteps = `${result.steps_passed} of ${result.steps_total} steps passed.`;
  const details = result.details === '' ? (passed ? 'All steps passed.' : failedSteps) : result.details;
  const attempts = result.attempts ?? 1;
  return {
    ...common,
    passed,
    duration_ms: result.duration_ms,
    steps_passed: result.steps_passed,
    steps_total: result.steps_total,
    details: storable(details),
    error: passed ? null : storable(result.error ?? failedSteps),
    step_results: result.step_results,
    artifacts: result.artifacts ?? [],
    attempts,
    is_flaky: passed && attempts > 1,
    is_degraded: passed && ended.degraded_ms !== null && result.duration_ms > ended.degraded_ms,
  };
}
