import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import {
  describePayload,
  describePayloadProblem,
  type Executor,
  findStop,
  type JobContext,
  KeptOutput,
  type Outcome,
  permanentFailure,
  TextStream,
} from '@tidemark/sdk/agent';
import { type Scratch, temporaryFolder } from '../../processes/bubblewrap.ts';
import { type ContainedProcess, type Containment, type Exit, startProcess } from '../../processes/contained-process.ts';
import { DEFAULT_MOST_DISK_MB } from '../../config.ts';
import { scratchPrefix } from './scratch-folders.ts';
import { findFolderProblem, findProgram } from './find-program.ts';
import { measureFolder } from './measure-folder.ts';
import { CommandPayload } from './payload.ts';
import { type Watch, watchFolder, watchTasks } from './watch-limits.ts';

/** Between what ends a job and what no job ever reaches: a job is to be ended with a reason, not by starting nothing any more. */
const TASKS_BEYOND_LIMIT = 2;
/** What a command may store that does not say how much. */
const USUAL_DISK_MB = 1024;
const BYTES_PER_MB = 1_048_576;
/** How programs and their languages tell that a disk is full. */
const DISK_FULL = /No space left on device|ENOSPC/;
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs programs and shell lines. Output is stdout and stderr on one pipe: their order is the order of the writes. */
export function createCommandExecutor(containment: Containment, mostDiskMb = DEFAULT_MOST_DISK_MB): Executor {
  return {
    kind: 'command',
    isolations: ['process'],
    payload_schema: describePayload('command', CommandPayload),
    run: (context) => runCommand({ containment, mostDiskMb, context }),
  };
}

const STOPPED: Outcome = { op: 'fail', error: 'stopped before it started', retryable: true };

interface Surroundings {
  containment: Containment;
  mostDiskMb: number;
  context: JobContext;
}

async function runCommand(around: Surroundings): Promise<Outcome> {
  const { containment, mostDiskMb, context } = around;
  const parsed = CommandPayload.safeParse(context.job.payload);
  if (!parsed.success) return permanentFailure(describePayloadProblem('command', parsed.error));
  const payload = parsed.data;
  if (containment.program === null && (payload.read_only || !payload.network)) {
    return permanentFailure('The payload asks for `network: false` or `read_only: true`, but this worker has no sandbox (bubblewrap).');
  }
  const diskMb = payload.limits.disk_mb ?? Math.min(USUAL_DISK_MB, mostDiskMb);
  if (diskMb > mostDiskMb) {
    return permanentFailure(
      `The payload asks for ${diskMb} MB to store (limits.disk_mb); this worker gives a command at most ${mostDiskMb}.`,
    );
  }
  const scratch = payload.cwd === undefined ? await mkdtemp(scratchPrefix(containment.mark)) : null;
  try {
    return await runIn({ cwd: payload.cwd ?? scratch ?? tmpdir(), diskMb, isScratch: scratch !== null }, payload, around);
  } finally {
    if (scratch !== null) await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Where a command runs, and how much it may store there. */
interface Place {
  cwd: string;
  diskMb: number;
  /** It is a folder of its own, which nobody looks into afterwards. */
  isScratch: boolean;
}

async function runIn(place: Place, payload: CommandPayload, { containment, context }: Surroundings): Promise<Outcome> {
  const { cwd } = place;
  const folderProblem = await findFolderProblem(cwd);
  if (folderProblem !== null) return permanentFailure(folderProblem);
  const scratch = place.isScratch && containment.program !== null ? { folder: cwd, bytes: place.diskMb * BYTES_PER_MB } : null;
  const env = baseEnvironment(context, scratch, payload.env);
  const argv = typeof payload.command === 'string' ? ['/bin/sh', '-c', payload.command] : payload.command;
  const program = await findProgram(argv[0] ?? '', cwd, env['PATH'] ?? DEFAULT_PATH);
  if ('problem' in program) return permanentFailure(program.problem);
  if (findStop(context.signal)) return STOPPED;
  const wrapped = ['/bin/sh', '-c', wrapperScript(payload, place, containment), 'sh', program.path, ...argv.slice(1)];
  try {
    const { network, read_only: readOnly } = payload;
    const diskWatch = scratch === null ? await watchPlace(place, payload, context.signal) : [];
    if (findStop(context.signal)) return STOPPED;
    const running = await startProcess({
      argv: wrapped,
      env,
      cwd,
      containment,
      sandbox: {
        network,
        readOnly,
        writable: scratch === null ? [cwd] : [],
        privateTmpBytes: readOnly ? place.diskMb * BYTES_PER_MB : null,
        ...(scratch === null ? {} : { scratch }),
      },
      mostTasks: payload.limits.processes * TASKS_BEYOND_LIMIT,
    });
    running.stdin.end(payload.stdin ?? '');
    const watches = [watchTasks(payload.limits.processes, running.countTasks), ...diskWatch];
    const outcome = await follow(running, watches, context);
    return scratch === null ? outcome : explainFullDisk(outcome, place);
  } catch (error) {
    return {
      op: 'fail',
      error: `The command could not be started: ${error instanceof Error ? error.message : String(error)}`,
      retryable: true,
    };
  }
}

/** A folder on a disk has no bound of its own. One that the payload names may be as large as it was, and is bounded on request only. */
async function watchPlace({ cwd, diskMb, isScratch }: Place, { limits }: CommandPayload, signal: AbortSignal): Promise<Watch[]> {
  if (isScratch) return [watchFolder(cwd, { limitMb: diskMb, startBytes: 0 })];
  return limits.disk_mb === undefined ? [] : [watchFolder(cwd, { limitMb: diskMb, startBytes: await measureFolder(cwd, signal) })];
}

/** A program says that its disk is full; why it is, only the agent knows. */
function explainFullDisk(outcome: Outcome, { diskMb }: Place): Outcome {
  if (outcome.op !== 'fail' || !DISK_FULL.test(outcome.output ?? '')) return outcome;
  return { ...outcome, error: `${outcome.error}; its work folder and TMPDIR hold at most ${diskMb} MB (payload.limits.disk_mb)` };
}

/** Megabytes that no single file may exceed: as asked, and no more than all of them may have where that is all a command can write. */
function largestFileMb({ limits, read_only: readOnly }: CommandPayload, { diskMb, isScratch }: Place): number | undefined {
  // One more, so that a full disk is told as such and not by a signal.
  const byDisk = limits.disk_mb !== undefined || (readOnly && isScratch) ? diskMb + 1 : undefined;
  return limits.file_size_mb === undefined ? byDisk : Math.min(limits.file_size_mb, byDisk ?? limits.file_size_mb);
}

/** The shell sets the limits, joins stderr to stdout and becomes the command; its own stderr then only carries its own troubles. */
function wrapperScript(payload: CommandPayload, place: Place, { program }: Containment): string {
  const { limits } = payload;
  const { memory_mb, cpu_seconds, open_files } = limits;
  const file_size_mb = largestFileMb(payload, place);
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

function baseEnvironment({ job }: JobContext, scratch: Scratch | null, given: Readonly<Record<string, string>>): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? DEFAULT_PATH,
    HOME: homedir(),
    TMPDIR: scratch === null ? tmpdir() : temporaryFolder(scratch),
    LANG: process.env['LANG'] ?? 'C.UTF-8',
    TIDEMARK_JOB_ID: job.job_id,
    TIDEMARK_ATTEMPT: String(job.attempt),
    ...(job.checkpoint === null || job.checkpoint === undefined ? {} : { TIDEMARK_CHECKPOINT: JSON.stringify(job.checkpoint) }),
    ...given,
  };
}

async function follow(running: ContainedProcess, watches: readonly Watch[], context: JobContext): Promise<Outcome> {
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
  const exceeded: string[] = [];
  const endWatches = watches.map((watch) =>
    watch((error) => {
      exceeded.push(error);
      stopping ??= running.stop(0);
    }),
  );
  const exit = await running.ended;
  for (const end of endWatches) end();
  context.signal.removeEventListener('abort', stop);
  await stopping;
  take(text.end());
  const outcome = describeExit(exit, kept);
  const [limit] = exceeded;
  if (limit !== undefined) return { ...outcome, op: 'fail', error: limit, retryable: false };
  // A program that was asked to stop and then ends well has not done its work.
  return stopping !== undefined && outcome.op === 'complete'
    ? { ...outcome, op: 'fail', error: 'The command was stopped', retryable: true }
    : outcome;
}

function describeExit(exit: Exit, kept: KeptOutput): Outcome {
  const captured = { ...kept.read(), exit_code: exit.exit_code };
  if (exit.exit_code === 0) return { op: 'complete', ...captured };
  const how = exit.signal === null ? `exited with code ${exit.exit_code}` : `was ended by ${exit.signal}`;
  const reason = exit.signal === 'SIGXFSZ' ? 'a file grew beyond payload.limits' : exit.diagnostics;
  const detail = reason === '' ? '' : `: ${reason}`;
  return { op: 'fail', ...captured, error: `The command ${how}${detail}`, retryable: true, signal: exit.signal };
}
