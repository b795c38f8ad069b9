import type { Step } from '@tidemark/core/steps/contract';
import { EgressError, type Egress, type Phases } from '@tidemark/egress';
import type { BrowserSession } from './browser/browser-session.ts';
import { runBrowser, shownUrl } from './browser/run-browser.ts';
import { runDns } from './run-dns.ts';
import { runHttp } from './run-http.ts';
import { runTcp } from './run-tcp.ts';
import type { TellStep } from './step-events.ts';
import { type Artifact, type AssertionResult, StepFailure, type StepOutcome, type Surroundings } from './step-outcome.ts';
import { Variables } from './variables.ts';

const MAX_ERROR_CHARS = 1000;
const MAX_ARTIFACTS = 5;

export interface StepResult {
  step_number: number;
  name: string;
  type: Step['type'];
  passed: boolean;
  duration_ms: number;
  error: string | null;
  assertions: AssertionResult[];
  phases: Phases | null;
}

/** What one try found out; the steps after a failed one were not run. */
export interface TryResult {
  passed: boolean;
  duration_ms: number;
  step_results: StepResult[];
  artifacts: Artifact[];
}

export interface TryOptions {
  steps: readonly Step[];
  limit_ms: number;
  egress: Egress;
  signal: AbortSignal;
  tell: TellStep;
  openBrowser(): Promise<BrowserSession>;
}

function nameStep(step: Step): string {
  if (step.name !== undefined) return step.name;
  switch (step.type) {
    case 'http':
      return `${step.method} ${shownUrl(step.url)}`;
    case 'browser':
      return 'browser';
    case 'tcp':
    case 'ping':
      return `${step.type} ${step.host}:${step.port}`;
    case 'dns':
      return `dns ${step.record} ${step.host}`;
  }
}

function runStep(step: Step, around: Surroundings): Promise<StepOutcome> {
  switch (step.type) {
    case 'http':
      return runHttp(step, around);
    case 'browser':
      return runBrowser(step, around);
    case 'tcp':
    case 'ping':
      return runTcp(step, around);
    case 'dns':
      return runDns(step, around);
  }
}

/** A check that does not hold is an outcome; a fault of the agent is thrown on. */
async function outcomeOf(step: Step, around: Surroundings, limit_ms: number): Promise<StepOutcome> {
  if (around.left_ms === 0) return { error: `not started: the run is limited to ${limit_ms} ms`, assertions: [], phases: null };
  try {
    return await runStep(step, around);
  } catch (error) {
    if (error instanceof EgressError) return { error: error.message, assertions: [], phases: error.phases };
    if (error instanceof StepFailure) return { error: error.message, assertions: [], phases: null };
    throw error;
  }
}

/** Runs the steps in order until one fails. @throws for faults of the agent, such as a browser that does not start. */
export async function runTry(options: TryOptions): Promise<TryResult> {
  const { steps, tell, egress, signal, limit_ms } = options;
  const started = performance.now();
  const variables = new Variables();
  const artifacts: Artifact[] = [];
  let session: Promise<BrowserSession> | undefined;
  const say: TellStep = (type, message, details) => tell(type, variables.mask(message), details);
  const around: Surroundings = {
    egress,
    variables,
    signal,
    get left_ms() {
      return Math.max(0, Math.round(limit_ms - (performance.now() - started)));
    },
    log: (message) => say('log', message),
    openBrowser: () => (session ??= options.openBrowser()),
    keep: (artifact) => void (artifacts.length < MAX_ARTIFACTS && artifacts.push(artifact)),
  };
  const step_results: StepResult[] = [];
  try {
    for (const [index, step] of steps.entries()) {
      const step_number = index + 1;
      const name = nameStep(step);
      const begun = performance.now();
      say('step_start', `Step ${step_number}: ${name}`, { step_number });
      const { error, assertions, phases } = await outcomeOf(step, around, limit_ms);
      const duration_ms = Math.round(performance.now() - begun);
      const passed = error === null;
      // Masked before it is cut: half a secret is not found any more.
      const shown = error === null ? null : variables.mask(error).slice(0, MAX_ERROR_CHARS);
      step_results.push({ step_number, name, type: step.type, passed, duration_ms, error: shown, assertions, phases });
      say('step_complete', passed ? `Step ${step_number} passed` : `Step ${step_number} failed: ${shown}`, {
        step_number,
        passed,
        duration_ms,
      });
      if (!passed) break;
    }
  } finally {
    await session?.then((open) => open.close()).catch(() => undefined);
  }
  const passed = step_results.length === steps.length && step_results.every((result) => result.passed);
  return { passed, duration_ms: Math.round(performance.now() - started), step_results, artifacts };
}
