import { createClient } from '@tidemark/api/client';
import type { RegisterWorkerInput } from '@tidemark/core/workers/contract';
import type { Logger } from 'pino';
import { createController } from '../controller.ts';
import type { Executor } from '../executors/executor.ts';
import { Agent } from './agent.ts';
import type { StateDir } from './state-dir.ts';
import { type Reveal, withSecrets } from './with-secrets.ts';

const DEFAULT_GRACE_MS = 20_000;

export interface StartAgentOptions {
  url: string;
  key?: string | undefined;
  registration: Omit<RegisterWorkerInput, 'worker_id' | 'kinds' | 'isolations' | 'schemas'>;
  /** The first one that fits a job runs it. */
  executors: readonly Executor[];
  state: StateDir;
  log: Logger;
}

export interface RunningWorker {
  readonly worker_id: string;
  readonly kinds: readonly string[];
  /** Jobs in hand at this moment. */
  readonly running_count: number;
  /** Claims nothing more, lets jobs run for up to `graceMs` (default 20 s), hands back the rest, signs off. */
  stop(graceMs?: number): Promise<void>;
  /** Hands back at once what a drain still waits for. */
  release(): void;
}

/**
 * Starts an agent in this process. Resolves when it is registered; waits for a server that is away. Closes `state` at its end.
 * @throws when the server refuses it, or `signal` aborts before it is registered.
 */
export async function startAgent(options: StartAgentOptions, signal?: AbortSignal): Promise<RunningWorker> {
  const { url, key, executors, state, log } = options;
  const kinds = [...new Set(executors.map(({ kind }) => kind))];
  const isolations = [...new Set(executors.flatMap((executor) => executor.isolations))];
  const described = executors.filter(({ payload_schema }) => payload_schema !== undefined);
  const schemas = Object.fromEntries(described.toReversed().map(({ kind, payload_schema }) => [kind, payload_schema]));
  const registration = { ...options.registration, kinds, isolations, schemas };
  const client = createClient({ url, key });
  const reveal: Reveal = (input, ended) => client.secrets.reveal.mutate(input, { signal: ended });
  const guarded = executors.map((executor) => withSecrets(executor, reveal));
  const agent = new Agent({ controller: createController(client), registration, executors: guarded, state, log });
  const giveUp = (): void => void agent.stop(0);
  signal?.addEventListener('abort', giveUp, { once: true });
  if (signal?.aborted === true) giveUp();
  await agent.start();
  signal?.removeEventListener('abort', giveUp);
  return {
    worker_id: agent.workerId,
    kinds,
    get running_count() {
      return agent.runningCount;
    },
    stop: async (graceMs = DEFAULT_GRACE_MS) => {
      await agent.stop(graceMs);
      await state.close();
    },
    release: () => agent.release(),
  };
}
