import type { Progress } from '@tidemark/core/workloads/contract';
import type * as z from 'zod';
import type { CheckpointReport } from '../executor.ts';

/** Thrown by a handler for what no retry can cure. Its message, without a stack, is the job's error. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}

/** Thrown by a handler for a failure that was to be expected and may pass. Its message, without a stack, is the job's error. */
export class RetryableError extends Error {
  override readonly name = 'RetryableError';
}

/** What a handler gets. `signal` aborts when the job has to stop: end soon then; a checkpoint made before is kept. */
export interface HandlerJob<Payload> {
  readonly id: string;
  readonly kind: string;
  readonly payload: Payload;
  readonly attempt: number;
  readonly labels: Readonly<Record<string, string>>;
  /** The last accepted cursor of this or an earlier attempt, or null. */
  readonly cursor: unknown;
  readonly signal: AbortSignal;
  /** A line of the live output; `fields` follow as JSON. */
  log(text: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Resolves when the server has it or the job has to stop. `keys_scanned` counts since the previous one; the interval is measured for you. */
  checkpoint(report: CheckpointReport): Promise<void>;
  progress(progress: Progress): void;
}

export interface Handler<Schema extends z.ZodType> {
  payload: Schema;
  /** What it returns is the output: text as it is, anything else as JSON. */
  run(job: HandlerJob<z.infer<Schema>>): Promise<unknown>;
}

export type Handlers = Readonly<Record<string, Handler<z.ZodType>>>;

/** Names the kinds a worker runs in its own process. The payload schema is checked before `run` is called. */
export function defineHandlers<Schemas extends Record<string, z.ZodType>>(handlers: {
  [Kind in keyof Schemas]: Handler<Schemas[Kind]>;
}): Handlers {
  return handlers;
}
