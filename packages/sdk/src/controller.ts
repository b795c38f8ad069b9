import { appErrorOf, type Client } from '@tidemark/api/client';
import { ClaimOutput, ReportOutput, type ReportItem } from '@tidemark/core/jobs/contract';
import type { HeartbeatInput, HeartbeatOutput, RegisterWorkerInput, RegisterWorkerOutput } from '@tidemark/core/workers/contract';
import { Backoff } from './agent/backoff.ts';

const CALL_LIMIT_MS = 30_000;
/** A beat that hangs must leave time for the next one before the leases run out. */
const HEARTBEAT_LIMIT_MS = 6_000;
const POLL_MARGIN_MS = 10_000;
const LISTEN_CAP_MS = 10_000;

export interface ReportCall {
  worker_id: string;
  items: ReportItem[];
  claim?: { max: number };
}

/** The calls an agent makes. Each rejects when `signal` aborts, and after its own limit when the server hangs. */
export interface Controller {
  register(input: RegisterWorkerInput, signal: AbortSignal): Promise<RegisterWorkerOutput>;
  heartbeat(input: HeartbeatInput, signal: AbortSignal): Promise<HeartbeatOutput>;
  claim(input: { worker_id: string; max: number; wait_ms: number }, signal: AbortSignal): Promise<ClaimOutput>;
  report(input: ReportCall, signal: AbortSignal): Promise<ReportOutput>;
  /** Calls back whenever the server has something to tell before the next heartbeat; ends, without an error, with `signal`. */
  listen(workerId: string, onNews: () => void, signal: AbortSignal): Promise<void>;
}

export function createController(client: Client): Controller {
  const within = (signal: AbortSignal, ms: number): { signal: AbortSignal } => ({
    signal: AbortSignal.any([signal, AbortSignal.timeout(ms)]),
  });
  return {
    register: (input, signal) => client.workers.register.mutate(input, within(signal, CALL_LIMIT_MS)),
    heartbeat: (input, signal) => client.workers.heartbeat.mutate(input, within(signal, HEARTBEAT_LIMIT_MS)),
    claim: async (input, signal) =>
      ClaimOutput.parse(await client.jobs.claim.mutate(input, within(signal, input.wait_ms + POLL_MARGIN_MS))),
    report: async (input, signal) => ReportOutput.parse(await client.jobs.report.mutate(input, within(signal, CALL_LIMIT_MS))),
    listen: (workerId, onNews, signal) => listen({ client, workerId }, onNews, signal),
  };
}

/** A stream that breaks is opened again by its link; one that the server ends or refuses, here. What is missed, the heartbeat carries. */
async function listen({ client, workerId }: { client: Client; workerId: string }, onNews: () => void, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff(LISTEN_CAP_MS);
  while (!signal.aborted) {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const onData = (): void => {
      backoff.reset();
      onNews();
    };
    const subscription = client.workers.live.subscribe({ id: workerId }, { onData, onError: () => end(), onComplete: end });
    const stop = (): void => end();
    signal.addEventListener('abort', stop, { once: true });
    await ended;
    signal.removeEventListener('abort', stop);
    subscription.unsubscribe();
    await backoff.wait(signal);
  }
}

export type Refusal = { code: string; message: string };

/** The refusal of the server, or null when it could not be reached, was busy, or failed itself: then the call may be repeated. */
export function findRefusal(error: unknown): Refusal | null {
  const refused = appErrorOf(error);
  if (!refused || ['UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL'].includes(refused.code)) return null;
  return { code: refused.code, message: refused.message };
}
