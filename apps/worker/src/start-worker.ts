import { realpath } from 'node:fs/promises';
import { homedir, hostname, tmpdir } from 'node:os';
import { relative } from 'node:path';
import { createClient } from '@tidemark/api/client';
import { type Logger, pino } from 'pino';
import manifest from '../package.json' with { type: 'json' };
import { Agent } from './agent/agent.ts';
import { StateDir, StateDirTaken } from './agent/state-dir.ts';
import { defaultSlots, stateDirNumber } from './config.ts';
import { createController } from './controller.ts';
import { removeScratchFolders } from './executors/command/scratch-folders.ts';
import type { Executor } from './executors/executor.ts';
import type { Handlers } from './executors/handlers/define-handlers.ts';
import { proveExecutors, type SandboxMode } from './executors/prove-executors.ts';
import { killLeftovers } from './processes/process-tree.ts';

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
  log?: Logger;
}

export interface RunningWorker {
  readonly worker_id: string;
  readonly kinds: readonly string[];
  /** Jobs in hand at this moment. */
  readonly running_count: number;
  /** Drains: see `Agent.stop`. */
  stop(graceMs?: number): Promise<void>;
  /** Hands back at once what a drain still waits for. */
  release(): void;
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
    if (killed > 0) log.warn({ killed }, 'ended processes that an earlier run of this worker left behind');
    const {
      sandbox = 'auto',
      handlers = {},
      executors: extra = [],
      name = hostname(),
      type = 'agent',
      slots = defaultSlots(),
      queues = ['default'],
    } = options;
    const proved = await proveExecutors({ sandbox, handlers, extra, hidden: await hiddenFolders(options, state), mark: state.mark, log });
    const { kinds, isolations, executors } = proved;
    log.info({ kinds, isolations, ...proved.labels, slots }, 'proved what this machine can run');
    const labels = { ...proved.labels, ...options.labels };
    const registration = { name, worker_type: type, version: manifest.version, isolations, kinds, queues, slots, labels, host: hostname() };
    const controller = createController(createClient({ url: options.url, key: options.key }));
    const agent = new Agent({ controller, registration, executors, state, log });
    const giveUp = (): void => void agent.stop(0);
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted === true) giveUp();
    await agent.start();
    signal?.removeEventListener('abort', giveUp);
    return asRunningWorker(agent, state, kinds);
  } catch (error) {
    await state.close();
    throw error;
  }
}

function asRunningWorker(agent: Agent, state: StateDir, kinds: readonly string[]): RunningWorker {
  return {
    worker_id: agent.workerId,
    kinds,
    get running_count() {
      return agent.runningCount;
    },
    stop: async (graceMs = 20_000) => {
      await agent.stop(graceMs);
      await state.close();
    },
    release: () => agent.release(),
  };
}
