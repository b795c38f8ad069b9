import type { HeartbeatInput, HeartbeatOutput } from '@tidemark/core/workers/contract';
import type { Progress } from '@tidemark/core/workloads/contract';
import { startTimer } from './backoff.ts';

/** Leave at 80 %: what is still running then could meet its successor. */
const FENCE_RATIO = 0.8;

export interface LeaseHolder {
  readonly job_id: string;
  readonly lease_epoch: number;
  readonly lease_ms: number;
  readonly current_progress: Progress | undefined;
  /** False once the work is over and only its report is on the way: there is nothing left to fence. */
  readonly is_executing: boolean;
  onLost(reason: string): void;
  onCancel(): void;
}

/** The leases this agent holds, and the monotonic moment until which it may believe in each. */
export class Leases {
  readonly #held = new Map<LeaseHolder, number>();
  #stopTimer: () => void = () => undefined;

  /** `confirmedAt` is `performance.now()` from before the call that confirmed it was sent. */
  add(holder: LeaseHolder, confirmedAt: number): void {
    this.#held.set(holder, confirmedAt);
    this.#arm();
  }

  remove(holder: LeaseHolder): void {
    this.#held.delete(holder);
    this.#arm();
  }

  find(jobId: string): LeaseHolder | undefined {
    return [...this.#held.keys()].find((holder) => holder.job_id === jobId);
  }

  get count(): number {
    return this.#held.size;
  }

  list(): HeartbeatInput['leases'] {
    return [...this.#held.keys()].map(({ job_id, lease_epoch, current_progress }) => ({
      job_id,
      lease_epoch,
      ...(current_progress === undefined ? {} : { progress: current_progress }),
    }));
  }

  /** Takes in the answer to a beat. It speaks of the epochs that were listed, not of what was claimed while it was on its way. */
  apply(answer: HeartbeatOutput, beat: { sentAt: number; leases: HeartbeatInput['leases'] }): void {
    const listed = (jobId: string): LeaseHolder | undefined => {
      const epoch = beat.leases?.find((lease) => lease.job_id === jobId)?.lease_epoch;
      return [...this.#held.keys()].find((holder) => holder.job_id === jobId && holder.lease_epoch === epoch);
    };
    for (const jobId of answer.renewed) {
      const holder = listed(jobId);
      if (holder) this.#held.set(holder, Math.max(this.#held.get(holder) ?? 0, beat.sentAt));
    }
    for (const stale of answer.stale) listed(stale.job_id)?.onLost(stale.reason);
    for (const jobId of answer.cancel) listed(jobId)?.onCancel();
    this.#arm();
  }

  #arm(): void {
    this.#stopTimer();
    const deadlines = [...this.#held].filter(([holder]) => holder.is_executing).map(([holder, at]) => at + holder.lease_ms * FENCE_RATIO);
    if (deadlines.length === 0) return;
    this.#stopTimer = startTimer(Math.min(...deadlines) - performance.now(), () => this.fence());
  }

  /** Gives up every lease that was not confirmed in time. Called by its own timer, and before anything is started or told. */
  fence(): void {
    const now = performance.now();
    for (const [holder, at] of this.#held) {
      if (holder.is_executing && at + holder.lease_ms * FENCE_RATIO <= now) holder.onLost('not renewed in time');
    }
    this.#arm();
  }
}
