import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { sandboxArguments, type SandboxOptions, workFolder } from './bubblewrap.ts';
import { countTasks, killTree, RUN_MARK, signalProcess, stopTree, type Tree } from './process-tree.ts';
import { systemCallFilter } from './system-call-filter.ts';
import { createTaskGroup, type TaskGroup } from './task-group.ts';

const MAX_PROBLEM_CHARS = 4096;
const CLOSE_DEADLINE_MS = 2000;
const SIGNAL_EXIT_BASE = 128;
const INFO_FD = 3;
const FILTER_FD = 4;
const FILTER = systemCallFilter(process.arch);

/** How this agent contains what it starts. `program` is null where no sandbox was proved. */
export interface Containment {
  program: string | null;
  hidden: readonly string[];
  /** Start of every mark this agent gives out; see `killLeftovers`. */
  mark: string;
}

export interface StartOptions {
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
  containment: Containment;
  /** With a `scratch` it runs in the work folder there, and `cwd` is the folder of the scratch. */
  sandbox: Pick<SandboxOptions, 'network' | 'readOnly' | 'writable' | 'privateTmpBytes' | 'scratch'>;
  /** Tasks beyond which the kernel starts no more, where this agent may tell it so. */
  mostTasks?: number;
}

/** `exit_code` is 128 + the signal's number when a signal ended it; `diagnostics` is what came out of stderr. */
export interface Exit {
  exit_code: number;
  signal: NodeJS.Signals | null;
  diagnostics: string;
}

export interface ContainedProcess {
  pid: number;
  stdin: NodeJS.WritableStream;
  stdout: Readable;
  ended: Promise<Exit>;
  /** Processes and threads it has now. */
  countTasks(): Promise<number>;
  /** Asks the whole tree to end, kills it after the grace. Resolves when nothing of it is left. */
  stop(graceMs: number): Promise<void>;
}

/** Starts argv in its own session. `argv[0]` must be an existing program. @throws when the system refuses to start it. */
export async function startProcess(options: StartOptions): Promise<ContainedProcess> {
  const { program } = options.containment;
  const mark = `${options.containment.mark}${randomUUID()}`;
  const group = options.mostTasks === undefined ? null : createTaskGroup(mark, options.mostTasks);
  const child = spawnChild(options, mark, group);
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const { pid, stdin, stdout, stderr } = child;
  if (pid === undefined || !stdin || !stdout || !stderr) throw new Error('the process has no pipes');
  // A program may close its stdin or end before it was written: that is its business, not a fault of the agent.
  stdin.on('error', () => undefined);
  child.on('error', () => undefined);
  const diagnostics = collectText(stderr);
  const init = program === null ? null : readInit(child);
  const leftovers: Tree = { pid, mark };
  const ended = waitForEnd(child, () => (init === null ? killTree(leftovers) : Promise.resolve()));
  if (group !== null) void ended.then(() => group.remove());
  return {
    pid,
    stdin,
    stdout,
    ended: ended.then((end) => ({ ...end, diagnostics: diagnostics() })),
    countTasks: () => countTasks(leftovers),
    stop: async (graceMs) => {
      if (init === null) return stopTree(leftovers, graceMs);
      const initPid = await Promise.race([init, ended.then(() => null)]);
      if (initPid !== null && graceMs > 0) await stopTree({ pid: initPid, mark, spare: [pid, initPid] }, graceMs);
      // With its init gone the kernel ends the whole namespace.
      if (initPid !== null) signalProcess(initPid, 'SIGKILL');
      await killTree(leftovers);
    },
  };
}

const ENTER_GROUP = 'echo 0 > "$0" && exec "$@"';

function spawnChild(options: StartOptions, mark: string, group: TaskGroup | null): ChildProcess {
  const { containment, cwd } = options;
  const env = { ...options.env, [RUN_MARK]: mark };
  const argv = containment.program === null ? options.argv : [containment.program, ...sandboxed(options)];
  const [program, ...rest] = group === null ? argv : ['/bin/sh', '-c', ENTER_GROUP, group.door, ...argv];
  if (program === undefined) throw new Error('the command is empty');
  const child = spawn(program, rest, {
    cwd,
    env,
    detached: true,
    stdio: Array<'pipe'>(containment.program === null ? INFO_FD : FILTER_FD + 1).fill('pipe'),
  });
  const filterPipe = child.stdio[FILTER_FD];
  // A sandbox that ends before it has read tells why by its exit.
  if (filterPipe && 'end' in filterPipe) filterPipe.on('error', () => undefined).end(FILTER ?? undefined);
  return child;
}

function sandboxed({ containment, sandbox, cwd, argv }: StartOptions): string[] {
  const filter = FILTER === null ? {} : { filterFd: FILTER_FD };
  const folder = sandbox.scratch === undefined ? cwd : workFolder(sandbox.scratch);
  return [...sandboxArguments({ ...sandbox, ...filter, hidden: containment.hidden, infoFd: INFO_FD }), '--chdir', folder, '--', ...argv];
}

function readInit(child: ChildProcess): Promise<number | null> {
  const info = child.stdio[INFO_FD];
  return new Promise((resolve) => {
    let text = '';
    if (!info || !('setEncoding' in info)) return resolve(null);
    info.setEncoding('utf8');
    info.on('error', () => resolve(null));
    info.on('data', (chunk: string) => {
      text += chunk;
      const pid = /"child-pid": (\d+)/.exec(text)?.[1];
      if (pid !== undefined) resolve(Number(pid));
    });
    info.on('end', () => resolve(null));
  });
}

function collectText(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('error', () => undefined);
  stream.on('data', (chunk: string) => {
    if (text.length < MAX_PROBLEM_CHARS) text = (text + chunk).slice(0, MAX_PROBLEM_CHARS);
  });
  return () => text.trim();
}

/** A process that outlives its leader may hold the pipes open: it is killed, and the pipes are closed after a deadline. */
function waitForEnd(child: ChildProcess, killLeft: () => Promise<void>): Promise<{ exit_code: number; signal: NodeJS.Signals | null }> {
  return new Promise((resolve) => {
    let deadline: NodeJS.Timeout | undefined;
    child.once('exit', () => {
      void killLeft();
      deadline = setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream?.destroy()), CLOSE_DEADLINE_MS);
    });
    child.once('close', (code, signal) => {
      clearTimeout(deadline);
      const ended = signal ?? signalOfExitCode(code ?? 0);
      resolve({ exit_code: signal === null ? (code ?? 0) : SIGNAL_EXIT_BASE + constants.signals[signal], signal: ended });
    });
  });
}

/** Shells and sandboxes tell a signal as 128 + its number. */
function signalOfExitCode(code: number): NodeJS.Signals | null {
  const found = Object.entries(constants.signals).find(([, number]) => SIGNAL_EXIT_BASE + number === code);
  return found ? (found[0] as NodeJS.Signals) : null;
}
