import type { ClaimedJob } from '@tidemark/core/jobs/contract';
import type { Logger } from 'pino';
import type { Controller } from '../controller.ts';
import { Backoff } from './backoff.ts';

const WAIT_MS = 25_000;
const RETRY_CAP_MS = 5_000;
/** An answer this long after the question may have been held up on its way: a beat checks the leases it brought. */
const LATE_MS = 5_000;

export interface ClaimsOptions {
  controller: Controller;
  log: Logger;
  slots: number;
  workerId(): string;
  onClaimed(jobs: readonly ClaimedJob[], confirmedAt: number): void;
  onLateAnswer(): void;
  /** Whether reports are on their way: they claim in the same call. */
  isTelling(): boolean;
}

/** Keeps the slots filled: one long poll for what is free, and whatever reports claim on their way. */
export class Claims {
  readonly #options: ClaimsOptions;
  readonly #stop = new AbortController();
  readonly #backoff = new Backoff(RETRY_CAP_MS);
  #free: number;
  #isPolling = false;
  #isDraining = false;
  #isStarted = false;

  constructor(options: ClaimsOptions) {
    this.#options = options;
    this.#free = options.slots;
  }

  start(): void {
    this.#isStarted = true;
    this.#kick();
  }

  /** Takes every free slot for a call that is about to be made; `take` gives back what it did not fill. */
  reserve(): number {
    if (!this.#isStarted || this.#isDraining || this.#stop.signal.aborted) return 0;
    const reserved = Math.min(this.#free, 500);
    this.#free -= reserved;
    return reserved;
  }

  take(jobs: readonly ClaimedJob[], reserved: number, confirmedAt: number): void {
    this.#free += reserved - jobs.length;
    if (jobs.length > 0) this.#options.onClaimed(jobs, confirmedAt);
    setImmediate(() => this.#kick());
  }

  freeSlot(): void {
    this.#free += 1;
    setImmediate(() => this.#kick());
  }

  setDraining(isDraining: boolean): void {
    if (this.#isDraining === isDraining) return;
    this.#isDraining = isDraining;
    this.#options.log.info(isDraining ? 'asked to drain: nothing more is claimed' : 'no longer draining');
    this.#kick();
  }

  close(): void {
    this.#stop.abort();
  }

  #kick(): void {
    if (this.#isPolling || this.#free <= 0 || this.#options.isTelling()) return;
    const reserved = this.reserve();
    if (reserved === 0) return;
    this.#isPolling = true;
    void this.#poll(reserved).finally(() => {
      this.#isPolling = false;
      this.#kick();
    });
  }

  async #poll(max: number): Promise<void> {
    const { controller, workerId, log, onLateAnswer } = this.#options;
    const sentAt = performance.now();
    try {
      const { jobs } = await controller.claim({ worker_id: workerId(), max, wait_ms: WAIT_MS }, this.#stop.signal);
      this.#backoff.reset();
      const now = performance.now();
      // The leases began somewhere in the wait, most likely just now.
      this.take(jobs, max, now);
      if (jobs.length > 0 && now - sentAt > LATE_MS) onLateAnswer();
    } catch (error) {
      this.take([], max, sentAt);
      if (this.#stop.signal.aborted) return;
      if (this.#backoff.failures === 0) log.warn({ err: error }, 'claiming failed, trying again');
      await this.#backoff.wait(this.#stop.signal);
    }
  }
}
