import { realpath } from 'node:fs/promises';
import { homedir, hostname, tmpdir } from 'node:os';
import { relative } from 'node:path';
import { createClient } from '@tidemark/api/client';
import type { Handlers } from '@tidemark/sdk';
import { type Executor, type RunningWorker, startAgent, StateDir, StateDirTaken } from '@tidemark/sdk/agent';
import { type Logger, pino } from 'pino';
import manifest from '../package.json' with { type: 'json' };
import { DEFAULT_QUEUES, defaultSlots, stateDirNumber } from './config.ts';
import { removeScratchFolders } from './executors/command/scratch-folders.ts';
import { proveExecutors, type SandboxMode } from './executors/prove-executors.ts';
import { killLeftovers } from './processes/process-tree.ts';
import { removeTaskGroups } from './processes/task-group.ts';

const DEFAULT_DATA_DIR = './data';
const MAX_WORKERS_PER_FOLDER = 1000;

export interface WorkerOptions {
  url: string;
  key?: string | undefined;
  name?: string;
  type?: string;
  slots?: number;
  queues?: string[];
  labels?: Record<string, string>;
  handlers?: Handlers;
  executors?: readonly Executor[];
  /** Used as it is; without it the first free folder in `dataDir` (default `./data`) is taken. */
  stateDir?: string | undefined;
  dataDir?: string;
  sandbox?: SandboxMode;
  /** The most a command may store, in MB. */
  diskMb?: number;
  log?: Logger;
}

async function openState({ stateDir, dataDir = DEFAULT_DATA_DIR }: WorkerOptions): Promise<StateDir> {
  if (stateDir !== undefined) return StateDir.open(stateDir);
  for (let at = 1; ; at += 1) {
    try {
      return await StateDir.open(stateDirNumber(dataDir, at));
    } catch (error) {
      if (!(error instanceof StateDirTaken) || at >= MAX_WORKERS_PER_FOLDER) throw error;
    }
  }
}

/** The state folder, or all of the data folder it lies in: an embedded database there is none of a command's business. */
async function hiddenFolders({ stateDir, dataDir }: WorkerOptions, state: StateDir): Promise<string[]> {
  if (stateDir !== undefined) return [state.path];
  const data = await realpath(dataDir ?? DEFAULT_DATA_DIR);
  const needed = [tmpdir(), homedir(), process.cwd(), process.execPath];
  return needed.some((path) => !relative(data, path).startsWith('..')) ? [state.path] : [data];
}

/**
 * Starts an agent in this process. Resolves when it is registered; waits for a server that is away.
 * @throws when the server refuses it, the state folder is taken, or `signal` aborts before it is registered.
 */
export async function startWorker(options: WorkerOptions, signal?: AbortSignal): Promise<RunningWorker> {
  const log = options.log ?? pino({ level: 'silent' });
  const state = await openState(options);
  try {
    const killed = await killLeftovers(state.mark);
    await removeScratchFolders(state.mark);
    removeTaskGroups(state.mark);
    if (killed > 0) log.warn({ killed }, 'ended processes that an earlier run of this worker left behind');
    const {
      sandbox = 'auto',
      handlers = {},
      executors: extra = [],
      name = hostname(),
      type = 'agent',
      slots = defaultSlots(),
      queues = [...DEFAULT_QUEUES],
    } = options;
    const client = createClient({ url: options.url, key: options.key });
    const proved = await proveExecutors({
      sandbox,
      handlers,
      extra,
      client,
      ...(options.diskMb === undefined ? {} : { mostDiskMb: options.diskMb }),
      hidden: await hiddenFolders(options, state),
      mark: state.mark,
      log,
    });
    log.info({ kinds: proved.kinds, ...proved.labels, slots }, 'proved what this machine can run');
    const labels = { ...proved.labels, ...options.labels };
    const registration = { name, worker_type: type, version: manifest.version, queues, slots, labels, host: hostname() };
    return await startAgent({ url: options.url, key: options.key, registration, executors: proved.executors, state, log }, signal);
  } catch (error) {
    await state.close();
    throw error;
  }
}
