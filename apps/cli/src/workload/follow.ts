import type { StreamEvent } from '@tidemark/core/events/contract';
import { formatDuration } from '../duration.ts';
import { isConnectionFailure, toCommandError, unavailable } from '../failure.ts';
import type { Cli } from '../session.ts';
import { plain } from '../table.ts';
import type { WorkloadDetail } from './answers.ts';
import { EventFeed } from './event-feed.ts';

/** How often a quiet stream is checked against the workload itself. */
const CHECK_MS = 5000;
/** Checks without an event after which a final workload counts as told to its end. */
const QUIET_CHECKS = 2;

export interface FollowOptions {
  id: string;
  /** Receives every event once, in order. */
  onEvent: (event: StreamEvent) => Promise<void>;
  /** How long the server may be away before following is given up. */
  reconnectForMs: number;
  signal: AbortSignal;
}

/**
 * Hands on the live events of a workload until it is final, and answers how it ended. Goes on where it was after a disconnect.
 *
 * @throws when the server stays away longer than `reconnectForMs`, or refuses.
 */
export async function followWorkload(cli: Cli, options: FollowOptions): Promise<WorkloadDetail> {
  using feed = new EventFeed(cli.client, options.id);
  const connection = new Connection(cli, options.reconnectForMs);
  const waiting = new WaitReason(cli);
  let quietChecks = 0;
  for (;;) {
    options.signal.throwIfAborted();
    const step = await feed.next(CHECK_MS, options.signal);
    if (step.kind === 'event') {
      quietChecks = 0;
      await options.onEvent(step.event);
      if (!isFinal(step.event.data['status'])) continue;
    }
    if (step.kind === 'failed' && !isTransient(step.error)) throw step.error;
    const workload = await connection.attempt(() => cli.client.workloads.get.query({ id: options.id }));
    if (workload !== null && isFinal(workload.status)) {
      quietChecks = step.kind === 'quiet' && feed.isConnected ? quietChecks + 1 : quietChecks;
      if (step.kind === 'event' || step.kind === 'ended' || quietChecks >= QUIET_CHECKS) return workload;
    }
    if (workload !== null && step.kind === 'quiet') await waiting.tell(workload);
    if (step.kind === 'ended' || step.kind === 'failed') feed.reopen();
  }
}

function isFinal(status: unknown): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/** A server that restarts or is overloaded comes back; a refusal does not change by asking again. */
function isTransient(error: unknown): boolean {
  if (isConnectionFailure(error)) return true;
  const { code } = toCommandError(error, '').body;
  return code === 'UNAVAILABLE' || code === 'RATE_LIMITED' || code === 'INTERNAL';
}

/** Tells once when the server goes away and once when it is back, and gives up after a time. */
class Connection {
  readonly #cli: Cli;
  readonly #giveUpMs: number;
  #lostAt: number | null = null;

  constructor(cli: Cli, giveUpMs: number) {
    this.#cli = cli;
    this.#giveUpMs = giveUpMs;
  }

  /** The answer, or null while the server is away. */
  async attempt<Answer>(ask: () => Promise<Answer>): Promise<Answer | null> {
    try {
      const answer = await ask();
      if (this.#lostAt !== null) await this.#cli.terminal.message('Connected again.');
      this.#lostAt = null;
      return answer;
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (this.#lostAt === null) {
        this.#lostAt = performance.now();
        await this.#cli.terminal.message(`The server at ${this.#cli.url} is away; trying again for ${formatDuration(this.#giveUpMs)}.`);
      }
      if (performance.now() - this.#lostAt >= this.#giveUpMs) {
        throw unavailable(
          `The server at ${this.#cli.url} did not come back within ${formatDuration(this.#giveUpMs)}. The workload is not affected by this.`,
        );
      }
      return null;
    }
  }
}

/** Says why a workload does not start, each reason once. */
class WaitReason {
  readonly #cli: Cli;
  #told: string | null = null;

  constructor(cli: Cli) {
    this.#cli = cli;
  }

  async tell(workload: WorkloadDetail): Promise<void> {
    const reason = workload.status === 'pending' ? workload.wait_reason : null;
    if (reason !== null && reason !== this.#told) await this.#cli.terminal.message(`Waiting: ${plain(reason)}`);
    this.#told = reason;
  }
}
