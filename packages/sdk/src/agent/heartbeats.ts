import type { Logger } from 'pino';
import { setTimeout as delay } from 'node:timers/promises';
import { type Controller, findRefusal } from '../controller.ts';
import { Backoff } from './backoff.ts';
import type { Leases } from './leases.ts';

const JITTER_RATIO = 0.1;
const RETRY_CAP_MS = 2_000;
const SIGN_OFF_MS = 2_000;

export interface HeartbeatsOptions {
  controller: Controller;
  log: Logger;
  leases: Leases;
  workerId(): string;
  onDrain(drain: boolean): void;
  /** The server does not know this worker (any more): register again. */
  onUnknown(): Promise<unknown>;
  isStopping(): boolean;
}

/** One beat for all leases, every `heartbeat_ms` give or take a tenth, and at once when asked. */
export class Heartbeats {
  readonly #options: HeartbeatsOptions;
  readonly #stop = new AbortController();
  readonly #backoff = new Backoff(RETRY_CAP_MS);
  #wake = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: HeartbeatsOptions) {
    this.#options = options;
  }

  start(heartbeatMs: number): void {
    this.#loop = this.#run(heartbeatMs);
  }

  beatNow(): void {
    this.#wake.abort();
  }

  /** The last beat. A server that is away does not hold it up for long: it will notice by itself. */
  async signOff(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    const { controller, workerId, leases, log } = this.#options;
    const last = { worker_id: workerId(), leases: leases.list(), draining: true, stopped: true };
    if (workerId() === '') return;
    await controller
      .heartbeat(last, AbortSignal.timeout(SIGN_OFF_MS))
      .catch((error: unknown) => log.warn({ err: error }, 'could not sign off'));
  }

  async #run(heartbeatMs: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const ms = heartbeatMs * (1 - JITTER_RATIO + 2 * JITTER_RATIO * Math.random());
      await delay(ms, undefined, { signal: AbortSignal.any([this.#stop.signal, this.#wake.signal]) }).catch(() => undefined);
      this.#wake = new AbortController();
      if (!this.#stop.signal.aborted) await this.#beatUntilHeard();
    }
  }

  async #beatUntilHeard(): Promise<void> {
    const { log, onUnknown } = this.#options;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#beat();
        this.#backoff.reset();
        return;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (this.#backoff.failures === 0) log.warn({ err: error }, 'the heartbeat failed, trying again');
        if (findRefusal(error)?.code === 'NOT_FOUND')
          await onUnknown().catch((cause: unknown) => log.error({ err: cause }, 'registering again was refused'));
        await this.#backoff.wait(this.#stop.signal);
      }
    }
  }

  async #beat(): Promise<void> {
    const { controller, workerId, leases, onDrain, isStopping } = this.#options;
    leases.fence();
    const beat = { sentAt: performance.now(), leases: leases.list() };
    const draining = isStopping();
    const input = { worker_id: workerId(), leases: beat.leases, draining, reported_at: new Date().toISOString() };
    const answer = await controller.heartbeat(input, this.#stop.signal);
    leases.apply(answer, beat);
    onDrain(answer.drain);
  }
}
