import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startJob } from '@tidemark/sdk/testing';
import type { RunResult } from '../fit-result.ts';
import type { Executor, Outcome } from '../../executor.ts';

export interface StepLine {
  type: string;
  message: string;
  step_number?: number;
  passed?: boolean;
  duration_ms?: number;
  timestamp: string;
}

export interface Ran {
  outcome: Outcome;
  result: RunResult;
  events: StepLine[];
  /** Everything that leaves the agent, as text. */
  told: string;
}

export const LOOPBACK = { allow: [], allow_loopback: true };

/** Starts one monitor on an executor. */
export function startMonitorJob(executor: Executor, payload: Record<string, unknown>): ReturnType<typeof startJob> {
  const base = {
    test_id: 'tst_1',
    run_id: 'run_1',
    name: 'Login Flow',
    url: null,
    steps: [],
    timeout_ms: 10_000,
    retries: 0,
    triggered_by: 'manual',
  };
  return startJob(executor, { ...base, egress: LOOPBACK, ...payload });
}

/** What a job has told of its steps so far. */
export function linesOf(job: ReturnType<typeof startJob>): StepLine[] {
  const lines = textOf(job).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as StepLine);
}

function textOf(job: ReturnType<typeof startJob>): string {
  return job.live.map(({ text }) => text).join('');
}

/** Runs one monitor on an executor and reads what it told. */
export async function runMonitorJob(executor: Executor, payload: Record<string, unknown>): Promise<Ran> {
  const job = startMonitorJob(executor, payload);
  const outcome = await job.outcome;
  const result = JSON.parse(outcome.output ?? 'null') as RunResult;
  return { outcome, result, events: linesOf(job), told: textOf(job) + JSON.stringify(outcome) };
}

export interface Site extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Paths asked for, in order. */
  readonly asked: string[];
}

export async function serveSite(handle: RequestListener, host = '127.0.0.1'): Promise<Site> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    port,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
