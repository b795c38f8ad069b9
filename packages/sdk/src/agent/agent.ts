import type { ClaimedJob } from '@tidemark/core/jobs/contract';
import type { RegisterWorkerInput, RegisterWorkerOutput } from '@tidemark/core/workers/contract';
import type { Logger } from 'pino';
import { type Controller, findRefusal } from '../controller.ts';
import type { Executor } from '../executors/executor.ts';
import { unsupportedTier } from '../executors/unsupported-tier.ts';
import { Backoff } from './backoff.ts';
import { Claims } from './claims.ts';
import { Heartbeats } from './heartbeats.ts';
import { JobRun, STOP_GRACE_MS } from './job-run.ts';
import { Leases } from './leases.ts';
import { Reporter } from './reporter.ts';
import { replayOutcome } from './replay-outcome.ts';
import type { StateDir } from './state-dir.ts';

const REGISTER_CAP_MS = 10_000;
const LAST_REPORTS_MS = 5_000;

export interface AgentOptions {
  controller: Controller;
  registration: Omit<RegisterWorkerInput, 'worker_id'>;
  executors: readonly Executor[];
  state: StateDir;
  log: Logger;
}

/** Leases jobs, runs them, tells what happened, until it is stopped. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #leases = new Leases();
  readonly #reporter: Reporter;
  readonly #claims: Claims;
  readonly #heartbeats: Heartbeats;
  readonly #running = new Map<JobRun, Promise<void>>();
  readonly #closed = new AbortController();
  #stopping: Promise<void> | null = null;

  constructor(options: AgentOptions) {
    this.#options = options;
    const { controller, log, registration } = options;
    const workerId = (): string => this.workerId;
    const onClaimed = (jobs: readonly ClaimedJob[], confirmedAt: number): void => jobs.forEach((job) => this.#start(job, confirmedAt));
    this.#claims = new Claims({
      controller,
      log,
      workerId,
      slots: registration.slots,
      onClaimed,
      onLateAnswer: () => this.#heartbeats.beatNow(),
      isTelling: () => !this.#reporter.isIdle,
    });
    this.#reporter = new Reporter({
      controller,
      log,
      workerId,
      reserveSlots: () => this.#claims.reserve(),
      onClaimed: (jobs, reserved, sentAt) => this.#claims.take(jobs, reserved, sentAt),
    });
    this.#heartbeats = new Heartbeats({
      controller,
      log,
      workerId,
      leases: this.#leases,
      onDrain: (drain) => this.#claims.setDraining(drain),
      onUnknown: () => this.#register(),
      isStopping: () => this.#stopping !== null,
    });
  }

  get workerId(): string {
    return this.#options.state.workerId;
  }

  get runningCount(): number {
    return this.#running.size;
  }

  /** Resolves when the server knows this worker. @throws when it refuses it; a server that is away is waited for. */
  async start(): Promise<void> {
    const registered = await this.#register();
    if (!registered) return;
    const { state, log } = this.#options;
    const outcomes = await state.listOutcomes();
    if (outcomes.length > 0) log.info({ outcomes: outcomes.length }, 'telling the outcomes of an earlier run');
    for (const item of outcomes)
      replayOutcome(item, { state, log, reporter: this.#reporter, leases: this.#leases, lease_ms: registered.lease_ms });
    this.#heartbeats.start(registered.heartbeat_ms);
    this.#claims.start();
    const { controller } = this.#options;
    void controller.listen(this.workerId, () => this.#heartbeats.beatNow(), this.#closed.signal);
  }

  /** Claims nothing more, lets jobs run for up to `graceMs`, hands back the rest with their checkpoints, signs off. */
  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#drain(graceMs);
    return this.#stopping;
  }

  /** Hands back at once what is still running. */
  release(): void {
    for (const run of this.#running.keys()) run.stop('released', 0);
  }

  async #drain(graceMs: number): Promise<void> {
    this.#claims.close();
    this.#heartbeats.beatNow();
    const release = setTimeout(() => [...this.#running.keys()].forEach((run) => run.stop('released', STOP_GRACE_MS)), graceMs);
    while (this.#running.size > 0) await Promise.race(this.#running.values());
    clearTimeout(release);
    await this.#reporter.drained(AbortSignal.timeout(LAST_REPORTS_MS));
    await this.#heartbeats.signOff();
    this.#closed.abort();
    this.#reporter.close();
  }

  async #register(): Promise<RegisterWorkerOutput | null> {
    const { controller, registration, state, log } = this.#options;
    const backoff = new Backoff(REGISTER_CAP_MS);
    while (!this.#closed.signal.aborted) {
      try {
        const input = { ...registration, worker_id: state.workerId };
        const registered = await controller.register(input, this.#closed.signal);
        await state.keepWorkerId(registered.worker_id);
        log.info({ worker_id: registered.worker_id, name: registration.name }, 'registered');
        return registered;
      } catch (error) {
        const refusal = findRefusal(error);
        if (refusal !== null)
          throw new Error(`The server refused to register this worker (${refusal.code}): ${refusal.message}`, { cause: error });
        if (backoff.failures === 0) log.warn({ err: error }, 'the server is not there yet, trying again');
        await backoff.wait(this.#closed.signal);
      }
    }
    return null;
  }

  #start(job: ClaimedJob, confirmedAt: number): void {
    const { executors, state, log } = this.#options;
    const executor =
      executors.find(({ kind, isolations }) => kind === job.kind && isolations.includes(job.isolation)) ?? unsupportedTier(job, executors);
    const before = [...this.#running].find(([run]) => run.job_id === job.job_id);
    const run = new JobRun(job, { reporter: this.#reporter, state, log, onOver: (over) => this.#leases.remove(over) });
    this.#leases.add(run, confirmedAt);
    before?.[0].onLost('leased again');
    const ended = (before?.[1] ?? Promise.resolve())
      .then(() => run.execute(executor))
      .catch((error: unknown) => log.error({ err: error, job_id: job.job_id }, 'the job could not be run'))
      .finally(() => {
        this.#running.delete(run);
        this.#claims.freeSlot();
      });
    this.#running.set(run, ended);
  }
}
