import { setTimeout as delay } from 'node:timers/promises';
import { MonitorPayload, Step } from '@tidemark/core/steps/contract';
import { createEgress, type Egress, EgressError } from '@tidemark/egress';
import * as z from 'zod';
import type { Containment } from '../../processes/contained-process.ts';
import { describePayloadProblem, type Executor, findStop, type JobContext, type Outcome, permanentFailure } from '../executor.ts';
import { type BrowserSession, openSession } from './browser/browser-session.ts';
import { BrowserLauncher } from './browser/browser-launcher.ts';
import { BrowserSlots } from './browser/browser-slots.ts';
import type { Chromium } from './browser/find-chromium.ts';
import { fitResult, type RunResult } from './fit-result.ts';
import { shownUrl } from './browser/run-browser.ts';
import { runTry, type TryResult } from './run-try.ts';
import { stepEvents, type TellStep } from './step-events.ts';

/** Between two tries of one run: what is gone by then was a blip. */
const RETRY_MS = 1000;
/** Kept back from the job's own limit, so that its result is told before the job is ended. */
const REPORT_MS = 1000;
const MIN_TRY_MS = 50;
/** With less than this left after waiting for its turn, a browser could only seem to find the target down. */
const MIN_BROWSER_MS = 3000;

const Payload = MonitorPayload.extend({
  name: z.string().default(''),
  url: z.string().nullable().default(null),
  steps: z.array(Step).default([]),
  timeout_ms: z.int().min(1).default(30_000),
  retries: z.int().min(0).default(0),
  triggered_by: z.string().default(''),
});
type Payload = z.infer<typeof Payload>;

export interface MonitorOptions {
  /** Null where none starts: browser steps are then refused. */
  chromium: Chromium | null;
  /** How browsers are kept apart. */
  containment: Containment;
  /** Targets that this machine never reaches, whatever the server allows. */
  deny?: readonly string[];
  /** PEM certificates trusted beside the well-known ones. */
  ca?: readonly string[];
}

/** Runs monitors. A check that fails is a completed job whose result says so; only the agent's own trouble fails the job. */
export function createMonitorExecutor(options: MonitorOptions): Executor {
  const { chromium, containment } = options;
  const launcher = chromium === null ? null : new BrowserLauncher(chromium, containment);
  const tools: Tools = { ...options, launcher, slots: new BrowserSlots() };
  return { kind: 'monitor', isolations: ['process'], run: (context) => runMonitor(tools, context) };
}

interface Tools extends MonitorOptions {
  launcher: BrowserLauncher | null;
  slots: BrowserSlots;
}

function planSteps({ url, steps }: Payload): Step[] {
  if (steps.length > 0 || url === null) return steps;
  return [{ type: 'http', method: 'GET', url, headers: {}, assert: [], capture: [] }];
}

function openEgress({ egress }: Payload, { deny = [], ca = [] }: MonitorOptions): Egress {
  const { allow = [], allow_loopback = false } = egress ?? {};
  return createEgress({ policy: { allow, allow_loopback, deny }, ca });
}

async function runMonitor(tools: Tools, context: JobContext): Promise<Outcome> {
  const ends = endOf(context.job.timeout_ms);
  const parsed = Payload.safeParse(context.job.payload);
  if (!parsed.success) return permanentFailure(describePayloadProblem('monitor', parsed.error));
  const payload = parsed.data;
  const steps = planSteps(payload);
  if (steps.length === 0) return permanentFailure('The monitor has neither steps nor a url.');
  const needsBrowser = steps.some(({ type }) => type === 'browser');
  const { launcher, slots } = tools;
  if (needsBrowser && launcher === null) {
    return { op: 'fail', error: 'This worker has no Chromium for browser steps. Install it or set CHROMIUM.', retryable: true };
  }
  let egress: Egress;
  try {
    egress = openEgress(payload, tools);
  } catch (error) {
    if (error instanceof EgressError) return permanentFailure(error.message);
    throw error;
  }
  // Waiting for a browser is the agent's business: it does not count as the target's time.
  const giveBack = needsBrowser ? await slots.take(context.signal) : () => undefined;
  const openBrowser = (): Promise<BrowserSession> => {
    if (launcher === null) throw new Error('there is no Chromium');
    return openSession({ launcher, egress, signal: context.signal });
  };
  try {
    if (needsBrowser && ends - performance.now() < Math.min(MIN_BROWSER_MS, payload.timeout_ms)) {
      return { op: 'fail', error: 'No browser became free in time on this worker.', retryable: true };
    }
    return await runTries({ payload, steps, egress, ends, openBrowser }, context);
  } finally {
    giveBack();
  }
}

interface Plan {
  payload: Payload;
  steps: Step[];
  egress: Egress;
  /** When everything has to be over, on the clock of `performance`. */
  ends: number;
  openBrowser(): Promise<BrowserSession>;
}

/** The job itself is ended at its limit, without a result. */
function endOf(timeoutMs: number | null): number {
  if (timeoutMs === null) return Number.POSITIVE_INFINITY;
  return performance.now() + timeoutMs - Math.min(REPORT_MS, timeoutMs / 5);
}

async function runTries(plan: Plan, context: JobContext): Promise<Outcome> {
  const { payload, steps, ends } = plan;
  const { signal } = context;
  const tell = stepEvents(context.write);
  const target = payload.url === null ? '' : ` for ${shownUrl(payload.url)}`;
  const count = steps.length === 1 ? '1 step' : `${steps.length} steps`;
  tell('run_start', `Run ${payload.run_id} of ${payload.name || payload.test_id} started`);
  tell('plan_start', `Planning test${target}`);
  tell('plan_complete', `Plan created: ${count}`);
  const tries = payload.retries + 1;
  for (let attempt = 1; ; attempt += 1) {
    const limit_ms = Math.max(MIN_TRY_MS, Math.min(payload.timeout_ms, ends - performance.now()));
    const result = await runTry({ ...plan, limit_ms: Math.floor(limit_ms), signal, tell });
    if (findStop(signal) !== null) return { op: 'fail', error: 'The run was stopped before it ended.', retryable: true };
    const isLast = attempt === tries || ends - performance.now() < RETRY_MS + MIN_TRY_MS;
    if (result.passed || isLast) return complete(summarise(result, { attempt, total: steps.length }), tell);
    tell('log', `Try ${attempt} of ${tries} failed. The next one begins in ${RETRY_MS} ms.`);
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}

function summarise(result: TryResult, { attempt, total }: { attempt: number; total: number }): RunResult {
  const { passed, duration_ms, step_results, artifacts } = result;
  const steps_passed = step_results.filter((step) => step.passed).length;
  const failed = step_results.find((step) => !step.passed);
  const after = attempt === 1 ? '' : ` after ${attempt} tries`;
  const details = passed ? `All steps passed${after}.` : `${steps_passed} of ${total} steps passed${after}.`;
  const error = failed === undefined ? null : `Step ${failed.step_number} failed: ${failed.error ?? ''}`;
  return { passed, duration_ms, steps_passed, steps_total: total, details, error, attempts: attempt, step_results, artifacts };
}

function complete(result: RunResult, tell: TellStep): Outcome {
  const { passed, duration_ms } = result;
  tell('run_complete', passed ? result.details : `${result.details} ${result.error ?? ''}`, { passed, duration_ms });
  return { op: 'complete', output: fitResult(result) };
}
