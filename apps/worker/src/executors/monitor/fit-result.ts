import { MAX_OUTPUT_BYTES } from '@tidemark/core/workloads/contract';
import type { Artifact } from './step-outcome.ts';
import type { StepResult } from './run-try.ts';

export interface RunResult {
  passed: boolean;
  duration_ms: number;
  steps_passed: number;
  steps_total: number;
  details: string;
  error: string | null;
  /** Tries inside this run. */
  attempts: number;
  step_results: StepResult[];
  artifacts: Artifact[];
}

/** An output over its limit is cut in the middle, which no JSON survives: what matters least goes first. */
const REDUCTIONS: readonly ((result: RunResult) => RunResult)[] = [
  (result) => result,
  (result) => ({ ...result, artifacts: result.artifacts.slice(-1) }),
  (result) => ({ ...result, artifacts: [] }),
  (result) => ({
    ...result,
    artifacts: [],
    step_results: result.step_results.map((step) => (step.passed ? { ...step, assertions: [] } : step)),
  }),
  (result) => ({ ...result, artifacts: [], step_results: result.step_results.map((step) => ({ ...step, assertions: [] })) }),
];

/** The output of the job: JSON that fits. */
export function fitResult(result: RunResult): string {
  let text = '';
  for (const reduce of REDUCTIONS) {
    text = JSON.stringify(reduce(result));
    if (Buffer.byteLength(text) <= MAX_OUTPUT_BYTES) break;
  }
  return text;
}
