import type { Client } from '@tidemark/api/client';
import { createEgress, type Egress } from '@tidemark/egress';
import type { Logger } from 'pino';
import { findSandboxProblem } from '../processes/find-sandbox-problem.ts';
import type { Containment } from '../processes/contained-process.ts';
import { createCommandExecutor } from './command/run-command.ts';
import { defineHandlers, type Handlers } from '@tidemark/sdk';
import { createHandlerExecutors, type Executor } from '@tidemark/sdk/agent';
import { createIngestHandler } from './ingest/run-ingest.ts';
import { scanHandler } from './scan/run-scan.ts';
import { findChromium } from './monitor/browser/find-chromium.ts';
import { createMonitorExecutor } from './monitor/run-monitor.ts';
import { createPublishExecutor } from './publish/run-publish.ts';
import { findIsolateProblem } from './script/find-isolate-problem.ts';
import { createScriptExecutor } from './script/run-script.ts';

const BUBBLEWRAP = 'bwrap';

export type SandboxMode = 'auto' | 'off' | 'required';

export interface ProveOptions {
  sandbox: SandboxMode;
  /** The most a command may store. */
  mostDiskMb?: number;
  handlers: Handlers;
  /** Speaks to the server for executors that have to ask it. */
  client: Client;
  /** Executors of other kinds, proved by whoever made them. */
  extra: readonly Executor[];
  /** Folders that no command may see: what the agent keeps for itself. */
  hidden: readonly string[];
  mark: string;
  log: Logger;
}

export interface Proved {
  executors: Executor[];
  kinds: string[];
  labels: Record<string, string>;
}

async function findContainment(options: ProveOptions): Promise<Containment> {
  const { sandbox, hidden, mark, log } = options;
  if (sandbox === 'off') return { program: null, hidden, mark };
  const problem = await findSandboxProblem(BUBBLEWRAP);
  if (problem === null) return { program: BUBBLEWRAP, hidden, mark };
  if (sandbox === 'required') throw new Error(`The sandbox is required but does not work here: ${problem}`);
  log.warn({ problem }, 'no sandbox: commands run as plain child processes');
  return { program: null, hidden, mark };
}

/** Of the bound of what a command stores: the kernel holds it, or the agent looks after it. */
function containmentLabels({ program }: Containment): Record<string, string> {
  return program === null ? { sandbox: 'none', disk: 'watched' } : { sandbox: 'bubblewrap', disk: 'bounded' };
}

/** What this agent may say of itself: every kind and tier in the answer was tried out just now, on this machine. */
export async function proveExecutors(options: ProveOptions): Promise<Proved> {
  const containment = await findContainment(options);
  const executors: Executor[] = [...createHandlerExecutors(options.handlers), ...options.extra];
  const isTaken = (kind: string): boolean => executors.some((executor) => executor.kind === kind);
  const deny = (process.env['EGRESS_DENY'] ?? '').split(',').filter((entry) => entry.trim() !== '');
  const openEgress = async (): Promise<Egress> =>
    createEgress({ policy: { ...(await options.client.settings.forWorkers.query({})), deny } });
  const builtIn = defineHandlers({ scan: scanHandler, ingest: createIngestHandler({ hidden: options.hidden, openEgress }) });
  executors.push(...createHandlerExecutors(builtIn).filter(({ kind }) => !isTaken(kind)));
  if (process.platform !== 'win32' && !isTaken('command')) executors.push(createCommandExecutor(containment, options.mostDiskMb));
  const isolateProblem = await findIsolateProblem(containment);
  if (isolateProblem !== null) options.log.warn({ problem: isolateProblem }, 'no isolates: kind "script" is not offered');
  else if (!isTaken('script')) executors.push(createScriptExecutor(containment));
  const chromium = await findChromium(process.env);
  if (!isTaken('monitor')) executors.push(createMonitorExecutor({ chromium, containment, deny }));
  if (!isTaken('publish')) executors.push(createPublishExecutor({ client: options.client, deny }));
  return {
    executors,
    kinds: [...new Set(executors.map(({ kind }) => kind))],
    labels: { ...containmentLabels(containment), ...(chromium === null ? {} : { browser: 'chromium' }) },
  };
}
