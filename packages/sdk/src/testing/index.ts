import type { ClaimedJob } from '@tidemark/core/jobs/contract';
import {
  type CheckpointReport,
  type Executor,
  type JobContext,
  type Outcome,
  type OutputStream,
  StopRequest,
  type StopReason,
} from '../executors/executor.ts';

const MAX_LIVE_CHARS = 1_048_576;

export interface RunningJob {
  outcome: Promise<Outcome>;
  live: { stream: OutputStream; text: string }[];
  checkpoints: CheckpointReport[];
  stop(reason: StopReason, graceMs: number): void;
  /** Resolves once the live output matches; rejects when the job ends before it does. */
  waitForOutput(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Runs one job on an executor, without a server. */
export function startJob(executor: Executor, payload: unknown, job: Partial<ClaimedJob> = {}): RunningJob {
  const stopper = new AbortController();
  const live: RunningJob['live'] = [];
  const checkpoints: CheckpointReport[] = [];
  let liveChars = 0;
  const listeners = new Set<() => void>();
  const context: JobContext = {
    job: {
      job_id: 'wl_test',
      kind: executor.kind,
      isolation: 'process',
      payload,
      attempt: 1,
      lease_epoch: 1,
      lease_ms: 30_000,
      timeout_ms: null,
      checkpoint: null,
      labels: {},
      ...job,
    },
    signal: stopper.signal,
    write: (stream, text) => {
      liveChars += text.length;
      if (liveChars <= MAX_LIVE_CHARS) live.push({ stream, text });
      listeners.forEach((listener) => listener());
    },
    progress: () => undefined,
    checkpoint: async (report) => void checkpoints.push(report),
  };
  const outcome = executor.run(context);
  return {
    outcome,
    live,
    checkpoints,
    stop: (reason, graceMs) => stopper.abort(new StopRequest(reason, graceMs)),
    waitForOutput: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(live.map((chunk) => chunk.text).join(''));
          if (!found) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        look();
        void outcome.then((ended) => reject(new Error(`the job ended first: ${JSON.stringify(ended)}`)), reject);
      }),
  };
}
