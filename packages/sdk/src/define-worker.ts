import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { type RunningWorker, startAgent } from './agent/start-agent.ts';
import { StateDir } from './agent/state-dir.ts';
import type { Handlers } from './executors/handlers/define-handlers.ts';
import { createHandlerExecutors } from './executors/handlers/run-handler.ts';
import { runUntilSignal } from './run-until-signal.ts';

export interface WorkerDefinition {
  /** Where the server listens, such as `http://127.0.0.1:3000`. */
  url: string;
  /** An API key with the role `worker`, where keys are required. */
  key?: string | undefined;
  /** Unique among the living; it also names the state folder unless `stateDir` does. */
  name: string;
  handlers: Handlers;
  /** For statistics; `agent` unless told. */
  type?: string;
  version?: string;
  /** Jobs at a time; 4 unless told. */
  slots?: number;
  queues?: string[];
  labels?: Record<string, string>;
  /** Who it comes back as while its state folder does not know yet. */
  workerId?: string;
  /** Who it is and what it could not report yet; `./data/worker-<name>` unless told. One live process at a time. */
  stateDir?: string;
  /** What running jobs get after `stop`, SIGTERM or SIGINT; 20 s unless told. */
  graceMs?: number;
  log?: Logger;
}

export interface DefinedWorker {
  /** Resolves with the worker's id once the server knows it; a server that is away is waited for. */
  start(): Promise<string>;
  /** Drains: claims nothing more, waits for running jobs up to the grace, hands back the rest, signs off. */
  stop(): Promise<void>;
  /** Works until SIGTERM or SIGINT; a second one ends the grace. */
  run(): Promise<void>;
}

const DEFAULT_GRACE_MS = 20_000;
const DEFAULT_SLOTS = 4;

async function startDefined(definition: WorkerDefinition, log: Logger, signal?: AbortSignal): Promise<RunningWorker> {
  const { url, key, name, handlers, type = 'agent', version = '0', slots = DEFAULT_SLOTS, queues = ['default'], labels = {} } = definition;
  const folder = definition.stateDir ?? join('data', `worker-${name.replaceAll(/[^A-Za-z0-9._-]/g, '_')}`);
  const state = await StateDir.open(folder, definition.workerId);
  try {
    const registration = { name, worker_type: type, version, queues, slots, labels, host: hostname() };
    return await startAgent({ url, key, registration, executors: createHandlerExecutors(handlers), state, log }, signal);
  } catch (error) {
    await state.close();
    throw error;
  }
}

/** A worker of a team's own script: `await defineWorker({ url, name, handlers }).run()`. */
export function defineWorker(definition: WorkerDefinition): DefinedWorker {
  const log = definition.log ?? pino({ level: process.env['LOG_LEVEL'] || 'info', base: { app: 'worker' } }, pino.destination(2));
  const graceMs = definition.graceMs ?? DEFAULT_GRACE_MS;
  let starting: Promise<RunningWorker> | null = null;
  const early = new AbortController();
  return {
    start: async () => {
      starting ??= startDefined(definition, log, early.signal);
      return (await starting).worker_id;
    },
    stop: async () => {
      early.abort();
      const worker = await starting?.catch(() => null);
      await worker?.stop(graceMs);
    },
    run: () => runUntilSignal((signal) => startDefined(definition, log, signal), { log, graceMs }),
  };
}
