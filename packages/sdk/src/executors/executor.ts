import type { ClaimedJob } from '@tidemark/core/jobs/contract';
import type { Isolation, Progress } from '@tidemark/core/workloads/contract';

export type OutputStream = 'stdout' | 'stderr' | 'log';
export type StopReason = 'timeout' | 'cancelled' | 'fenced' | 'released';

/** Why a running job has to end. `grace_ms` is what it gets between being asked and being killed. */
export class StopRequest extends Error {
  override readonly name = 'StopRequest';
  readonly reason: StopReason;
  readonly grace_ms: number;

  constructor(reason: StopReason, grace_ms: number) {
    super(`the job has to stop: ${reason}`);
    this.reason = reason;
    this.grace_ms = grace_ms;
  }
}

/** What one interval achieved; `started_at` and `duration_ms` are measured by the agent. */
export interface CheckpointReport {
  cursor?: unknown;
  keys_scanned?: number | undefined;
  progress?: Progress | undefined;
}

/** What an executor may use while it runs one job. `signal` is aborted with a `StopRequest`. */
export interface JobContext {
  readonly job: ClaimedJob;
  readonly signal: AbortSignal;
  write(stream: OutputStream, text: string): void;
  progress(progress: Progress): void;
  /** Resolves when the server has accepted it or the job has to stop. @throws when the server says that it does not fit. */
  checkpoint(report: CheckpointReport): Promise<void>;
}

interface Captured {
  output?: string | null;
  output_truncated?: boolean;
  exit_code?: number | null;
}
export interface Completed extends Captured {
  op: 'complete';
  keys_scanned?: number | undefined;
}
export interface Failed extends Captured {
  op: 'fail';
  error: string;
  retryable: boolean;
  signal?: string | null;
}
export type Outcome = Completed | Failed;

/** Runs the jobs of one kind. `isolations` are the requests it may serve: its own tier and weaker ones, never a stronger one. */
export interface Executor {
  readonly kind: string;
  readonly isolations: readonly Isolation[];
  /** JSON Schema of its payloads, for the server to check them when they are submitted. */
  readonly payload_schema?: object | undefined;
  run(context: JobContext): Promise<Outcome>;
}

export function permanentFailure(error: string): Failed {
  return { op: 'fail', error, retryable: false };
}

/** The request that ended the job, or null while it may go on. */
export function findStop(signal: AbortSignal): StopRequest | null {
  if (!signal.aborted) return null;
  return signal.reason instanceof StopRequest ? signal.reason : new StopRequest('cancelled', 0);
}
