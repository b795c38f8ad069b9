import {
  clean,
  describePayload,
  describePayloadProblem,
  type Executor,
  type Failed,
  type JobContext,
  KeptOutput,
  type Outcome,
  permanentFailure,
} from '@tidemark/sdk/agent';
import type { ContainedProcess, Containment, Exit } from '../../processes/contained-process.ts';
import type { HostMessage } from './isolate-host.ts';
import { ScriptPayload } from './payload.ts';
import { readMessages, startHost } from './start-host.ts';

/** Runs an async function body in a V8 isolate of its own process. What it returns, as JSON, is the output; what it prints is live only. */
export function createScriptExecutor(containment: Containment): Executor {
  return {
    kind: 'script',
    isolations: ['isolate', 'process'],
    payload_schema: describePayload('script', ScriptPayload),
    run: (context) => runScript(containment, context),
  };
}

async function runScript(containment: Containment, context: JobContext): Promise<Outcome> {
  const parsed = ScriptPayload.safeParse(context.job.payload);
  if (!parsed.success) return permanentFailure(describePayloadProblem('script', parsed.error));
  const host = await startHost(containment, 'run');
  let stopping: Promise<void> | undefined;
  // A script has nothing to put in order: there is no one to ask, so it is killed at once.
  const stop = (): void => void (stopping = host.stop(0));
  context.signal.addEventListener('abort', stop, { once: true });
  if (context.signal.aborted) stop();
  try {
    return await follow(host, parsed.data, context);
  } finally {
    context.signal.removeEventListener('abort', stop);
    await (stopping ?? host.stop(0));
  }
}

async function follow(host: ContainedProcess, payload: ScriptPayload, context: JobContext): Promise<Outcome> {
  const { source, input, memory_mb } = payload;
  host.stdin.end(JSON.stringify({ source, input: JSON.stringify(input), memory_mb }));
  const kept = new KeptOutput();
  let last: HostMessage | undefined;
  try {
    for await (const message of readMessages(host)) {
      last = message;
      if (message.type === 'log') context.write(message.stream, clean(message.text));
      if (message.type === 'output') kept.push(clean(message.text));
    }
  } catch (error) {
    await host.stop(0);
    return permanentFailure(`The script host broke its protocol: ${error instanceof Error ? error.message : String(error)}`);
  }
  const exit = await host.ended;
  if (last?.type === 'done') return { op: 'complete', ...(last.has_output ? kept.read() : { output: null }), exit_code: 0 };
  return last?.type === 'failed' ? describeFailure(last, memory_mb) : describeDeath(exit, memory_mb);
}

function describeFailure(failure: HostMessage & { type: 'failed' }, memoryMb: number): Failed {
  switch (failure.reason) {
    case 'memory':
      return memoryFailure(memoryMb);
    case 'syntax':
      return permanentFailure(`The script does not parse. ${clean(failure.error)}`);
    case 'result':
    case 'thrown':
      return { op: 'fail', error: clean(failure.error).slice(0, 8192), retryable: failure.reason === 'thrown', exit_code: 1 };
  }
}

function memoryFailure(memoryMb: number): Failed {
  return {
    op: 'fail',
    error: `The script needed more memory than its limit of ${memoryMb} MB (payload.memory_mb).`,
    retryable: false,
    exit_code: 137,
  };
}

function describeDeath(exit: Exit, memoryMb: number): Failed {
  // V8 ends the process where it cannot free enough to go on.
  if (/out of memory|Allocation failed/i.test(exit.diagnostics) || exit.signal === 'SIGABRT') return memoryFailure(memoryMb);
  const detail = exit.diagnostics === '' ? '' : `: ${exit.diagnostics.slice(0, 1000)}`;
  return {
    op: 'fail',
    error: `The script's process ended early (exit code ${exit.exit_code})${detail}`,
    retryable: true,
    exit_code: exit.exit_code,
    signal: exit.signal,
  };
}
