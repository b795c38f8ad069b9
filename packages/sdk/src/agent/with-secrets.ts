import { appErrorOf } from '@tidemark/api/client';
import { fillSecrets, secretNamesIn } from '@tidemark/core/secrets/contract';
import { type Executor, type JobContext, type Outcome, type OutputStream, permanentFailure } from '../executors/executor.ts';
import { Redactor, type RedactedStream } from '../output/redactor.ts';

const REVEAL_LIMIT_MS = 15_000;

/** Asks the server for what the payload of a job in hand refers to. */
export type Reveal = (input: { job_id: string; lease_epoch: number }, signal: AbortSignal) => Promise<{ values: Record<string, string> }>;

/** A command line is for every process of the machine to read. */
function misplaced(payload: unknown): boolean {
  if (typeof payload !== 'object' || payload === null || !('command' in payload)) return false;
  return secretNamesIn(JSON.stringify(payload.command) ?? '').length > 0;
}

function failureOf(error: unknown): Outcome {
  const refusal = appErrorOf(error);
  const words = refusal === null ? 'the server did not answer' : refusal.message;
  return { op: 'fail', error: `The secrets of this job could not be read: ${words}`, retryable: refusal?.code !== 'NOT_FOUND' };
}

/** The same context, out of which no value gets. */
class RedactedContext {
  readonly context: JobContext;
  readonly #outer: JobContext;
  readonly #redactor: Redactor;
  readonly #streams = new Map<OutputStream, RedactedStream>();

  constructor(outer: JobContext, payload: unknown, redactor: Redactor) {
    this.#outer = outer;
    this.#redactor = redactor;
    this.context = {
      job: { ...outer.job, payload },
      signal: outer.signal,
      write: (stream, text) => this.#write(stream, text),
      progress: (progress) => outer.progress({ ...progress, ...this.#message(progress.message) }),
      checkpoint: ({ cursor, progress, ...report }) =>
        outer.checkpoint({
          ...report,
          ...(cursor === undefined ? {} : { cursor: redactor.redactJson(cursor) }),
          ...(progress === undefined ? {} : { progress: { ...progress, ...this.#message(progress.message) } }),
        }),
    };
  }

  /** The end of the job, and of its live output. */
  close(outcome: Outcome): Outcome {
    for (const [stream, held] of this.#streams) {
      const rest = held.end();
      if (rest !== '') this.#outer.write(stream, rest);
    }
    const output = typeof outcome.output === 'string' ? { output: this.#redactor.redact(outcome.output) } : {};
    return outcome.op === 'complete' ? { ...outcome, ...output } : { ...outcome, ...output, error: this.#redactor.redact(outcome.error) };
  }

  #write(stream: OutputStream, text: string): void {
    const held = this.#streams.get(stream) ?? this.#redactor.stream();
    this.#streams.set(stream, held);
    const shown = held.push(text);
    if (shown !== '') this.#outer.write(stream, shown);
  }

  #message(message: string | undefined): { message?: string } {
    return message === undefined ? {} : { message: this.#redactor.redact(message) };
  }
}

async function runWithSecrets(executor: Executor, outer: JobContext, reveal: Reveal): Promise<Outcome> {
  const { job, signal } = outer;
  if (misplaced(job.payload))
    return permanentFailure('payload.command: a secret belongs into env or stdin; a command line can be read by every process.');
  let values: Record<string, string>;
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(REVEAL_LIMIT_MS)]);
    ({ values } = await reveal({ job_id: job.job_id, lease_epoch: job.lease_epoch }, limit));
  } catch (error) {
    return failureOf(error);
  }
  const redacted = new RedactedContext(outer, fillSecrets(job.payload, values), new Redactor(Object.values(values)));
  const outcome = await executor.run(redacted.context).catch((error: unknown): Outcome => ({
    op: 'fail',
    error: `The executor failed: ${error instanceof Error ? error.message : String(error)}`,
    retryable: true,
  }));
  return redacted.close(outcome);
}

/** The same executor for payloads that refer to secrets: filled in right before it runs, hidden in all that it tells. */
export function withSecrets(executor: Executor, reveal: Reveal): Executor {
  return {
    kind: executor.kind,
    isolations: executor.isolations,
    payload_schema: executor.payload_schema,
    run: (context) => {
      const hasSecrets = secretNamesIn(JSON.stringify(context.job.payload) ?? '').length > 0;
      return hasSecrets ? runWithSecrets(executor, context, reveal) : executor.run(context);
    },
  };
}
