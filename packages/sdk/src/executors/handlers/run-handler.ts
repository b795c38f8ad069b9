import { keepOutput } from '../../output/kept-output.ts';
import { clean } from '../../output/text-stream.ts';
import { describePayload, describePayloadProblem } from '../payload-problem.ts';
import { type Executor, findStop, type JobContext, type Outcome, permanentFailure } from '../executor.ts';
import { type HandlerJob, type Handlers, PermanentError, RetryableError } from './define-handlers.ts';

/** One executor per kind that the handlers name. They run in the agent's own process, so their tier is `process`. */
export function createHandlerExecutors(handlers: Handlers): Executor[] {
  return Object.entries(handlers).map(([kind, handler]) => ({
    kind,
    isolations: ['process'],
    payload_schema: describePayload(kind, handler.payload),
    run: async (context) => {
      const parsed = await handler.payload.safeParseAsync(context.job.payload);
      if (!parsed.success) return permanentFailure(describePayloadProblem(kind, parsed.error));
      // Called inside a promise: a handler that throws before its first await is treated like any other.
      const work = Promise.resolve().then(() => handler.run(handlerJob(context, parsed.data)));
      return Promise.race([work.then(describeResult, describeError), giveUp(context.signal)]);
    },
  }));
}

function handlerJob({ job, signal, write, checkpoint, progress }: JobContext, payload: unknown): HandlerJob<unknown> {
  return {
    id: job.job_id,
    kind: job.kind,
    payload,
    attempt: job.attempt,
    labels: job.labels,
    cursor: job.checkpoint ?? null,
    signal,
    log: (text, fields) => write('log', clean(`${text.trimEnd()}${fields === undefined ? '' : ` ${JSON.stringify(fields)}`}\n`)),
    checkpoint,
    progress,
  };
}

function describeResult(result: unknown): Outcome {
  if (result === undefined) return { op: 'complete', output: null };
  try {
    const text = typeof result === 'string' ? result : JSON.stringify(result);
    return { op: 'complete', ...keepOutput(clean(text)) };
  } catch (error) {
    return permanentFailure(`The handler's result is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function describeError(error: unknown): Outcome {
  const isExpected = error instanceof PermanentError || error instanceof RetryableError;
  const text = isExpected ? error.message : error instanceof Error ? (error.stack ?? String(error)) : String(error);
  return { op: 'fail', error: clean(text), retryable: !(error instanceof PermanentError) };
}

/** Code in this process cannot be killed: when its grace is over it is left alone, and what it still does is refused by the server. */
function giveUp(signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const wait = (): void => {
      const graceMs = findStop(signal)?.grace_ms ?? 0;
      setTimeout(() => resolve({ op: 'fail', error: 'The handler did not stop when it was asked to', retryable: true }), graceMs).unref();
    };
    if (signal.aborted) wait();
    else signal.addEventListener('abort', wait, { once: true });
  });
}
