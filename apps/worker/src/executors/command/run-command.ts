import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import {
  describePayloadProblem,
  type Executor,
  findStop,
  type JobContext,
  KeptOutput,
  type Outcome,
  permanentFailure,
  TextStream,
} from '@tidemark/sdk/agent';
import { type ContainedProcess, type Containment, type Exit, startProcess } from '../../processes/contained-process.ts';
import { scratchPrefix } from './scratch-folders.ts';
import { findFolderProblem, findProgram } from './find-program.ts';
import { CommandPayload } from './payload.ts';
import { watchTasks } from './watch-tasks.ts';

/** Between what ends a job and what no job ever reaches: a job is to be ended with a reason, not by starting nothing any more. */
const TASKS_BEYOND_LIMIT = 2;
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs programs and shell lines. Output is stdout and stderr on one pipe: their order is the order of the writes. */
export function createCommandExecutor(containment: Containment): Executor {
  return { kind: 'command', isolations: ['process'], run: (context) => runCommand(containment, context) };
}

async function runCommand(containment: Containment, context: JobContext): Promise<Outcome> {
  const parsed = CommandPayload.safeParse(context.job.payload);
  if (!parsed.success) return permanentFailure(describePayloadProblem('command', parsed.error));
  const payload = parsed.data;
  if (containment.program === null && (payload.read_only || !payload.network)) {
    return permanentFailure('The payload asks for `network: false` or `read_only: true`, but this worker has no sandbox (bubblewrap).');
  }
  const scratch = payload.cwd === undefined ? await mkdtemp(scratchPrefix(containment.mark)) : null;
  try {
    return await runIn(payload.cwd ?? scratch ?? tmpdir(), payload, { containment, context });
  } finally {
    if (scratch !== null) await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

interface Surroundings {
  containment: Containment;
  context: JobContext;
}

async function runIn(cwd: string, payload: CommandPayload, { containment, context }: Surroundings): Promise<Outcome> {
  const folderProblem = await findFolderProblem(cwd);
  if (folderProblem !== null) return permanentFailure(folderProblem);
  const env = baseEnvironment(context, payload.env);
  const argv = typeof payload.command === 'string' ? ['/bin/sh', '-c', payload.command] : payload.command;
  const program = await findProgram(argv[0] ?? '', cwd, env['PATH'] ?? DEFAULT_PATH);
  if ('problem' in program) return permanentFailure(program.problem);
  if (findStop(context.signal)) return { op: 'fail', error: 'stopped before it started', retryable: true };
  const wrapped = ['/bin/sh', '-c', wrapperScript(payload.limits, containment), 'sh', program.path, ...argv.slice(1)];
  try {
    const { network, read_only: readOnly } = payload;
    const sandbox = { network, readOnly, writable: [cwd], privateTmp: readOnly };
    const running = await startProcess({
      argv: wrapped,
      env,
      cwd,
      containment,
      sandbox,
      mostTasks: payload.limits.processes * TASKS_BEYOND_LIMIT,
    });
    running.stdin.end(payload.stdin ?? '');
    return await follow(running, payload.limits.processes, context);
  } catch (error) {
    return {
      op: 'fail',
      error: `The command could not be started: ${error instanceof Error ? error.message : String(error)}`,
      retryable: true,
    };
  }
}

/** The shell sets the limits, joins stderr to stdout and becomes the command; its own stderr then only carries its own troubles. */
function wrapperScript(limits: CommandPayload['limits'], { program }: Containment): string {
  const { memory_mb, cpu_seconds, file_size_mb, open_files } = limits;
  const tasks = limits.processes * TASKS_BEYOND_LIMIT;
  // Outside a sandbox it would count all that the user runs; root is bound by control groups only.
  const isCounted = program !== null && process.getuid?.() !== 0;
  return [
    // Where memory runs out, it is taken from a job and not from the agent or its neighbours.
    '{ echo 800 > /proc/self/oom_score_adj; } 2>/dev/null',
    'ulimit -c 0',
    isCounted ? `{ ulimit -u ${tasks} || ulimit -p ${tasks}; } 2>/dev/null` : '',
    memory_mb === undefined ? '' : `ulimit -v ${memory_mb * 1024} || exit 126`,
    cpu_seconds === undefined ? '' : `ulimit -t ${cpu_seconds} || exit 126`,
    file_size_mb === undefined ? '' : `ulimit -f ${file_size_mb * 2048} || exit 126`,
    open_files === undefined ? '' : `ulimit -n ${open_files} || exit 126`,
    'exec "$@" 2>&1',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function baseEnvironment({ job }: JobContext, given: Readonly<Record<string, string>>): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? DEFAULT_PATH,
    HOME: homedir(),
    TMPDIR: tmpdir(),
    LANG: process.env['LANG'] ?? 'C.UTF-8',
    TIDEMARK_JOB_ID: job.job_id,
    TIDEMARK_ATTEMPT: String(job.attempt),
    ...(job.checkpoint === null || job.checkpoint === undefined ? {} : { TIDEMARK_CHECKPOINT: JSON.stringify(job.checkpoint) }),
    ...given,
  };
}

async function follow(running: ContainedProcess, mostTasks: number, context: JobContext): Promise<Outcome> {
  const text = new TextStream();
  const kept = new KeptOutput();
  const take = (piece: string): void => {
    if (piece === '') return;
    kept.push(piece);
    context.write('stdout', piece);
  };
  running.stdout.on('data', (chunk: Buffer) => take(text.push(chunk)));
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping = running.stop(findStop(context.signal)?.grace_ms ?? 0);
  };
  context.signal.addEventListener('abort', stop, { once: true });
  if (context.signal.aborted) stop();
  let hasTooMany = false;
  const endWatch = watchTasks(mostTasks, running.countTasks, () => {
    hasTooMany = true;
    stopping ??= running.stop(0);
  });
  const exit = await running.ended;
  endWatch();
  context.signal.removeEventListener('abort', stop);
  await stopping;
  take(text.end());
  const outcome = describeExit(exit, kept);
  if (hasTooMany)
    return {
      ...outcome,
      op: 'fail',
      error: `The command had more than ${mostTasks} processes (payload.limits.processes).`,
      retryable: false,
    };
  // A program that was asked to stop and then ends well has not done its work.
  return stopping !== undefined && outcome.op === 'complete'
    ? { ...outcome, op: 'fail', error: 'The command was stopped', retryable: true }
    : outcome;
}

function describeExit(exit: Exit, kept: KeptOutput): Outcome {
  const captured = { ...kept.read(), exit_code: exit.exit_code };
  if (exit.exit_code === 0) return { op: 'complete', ...captured };
  const how = exit.signal === null ? `exited with code ${exit.exit_code}` : `was ended by ${exit.signal}`;
  const detail = exit.diagnostics === '' ? '' : `: ${exit.diagnostics}`;
  return { op: 'fail', ...captured, error: `The command ${how}${detail}`, retryable: true, signal: exit.signal };
}
