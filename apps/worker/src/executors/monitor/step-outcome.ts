import type { Egress, Phases } from '@tidemark/egress';
import type { AssertionOp } from '@tidemark/core/steps/contract';
import type { BrowserSession } from './browser/browser-session.ts';
import type { Variables } from './variables.ts';

/** The check did not hold; the message is shown to people. Anything else that is thrown is shown as a fault of the agent. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
}

export interface AssertionResult {
  source: string;
  path?: string;
  op: AssertionOp;
  expected: unknown;
  actual: unknown;
  passed: boolean;
}

/** What one step found out. `error` is null when it passed. */
export interface StepOutcome {
  error: string | null;
  assertions: AssertionResult[];
  phases: Phases | null;
}

export interface Artifact {
  name: string;
  content_type: string;
  base64: string;
}

/** What a step may use. One try of a run is one `Surroundings`: captured values and the browser do not outlive it. */
export interface Surroundings {
  readonly egress: Egress;
  readonly variables: Variables;
  readonly signal: AbortSignal;
  /** Milliseconds left for this try, never negative. */
  readonly left_ms: number;
  log(message: string): void;
  openBrowser(): Promise<BrowserSession>;
  keep(artifact: Artifact): void;
}
