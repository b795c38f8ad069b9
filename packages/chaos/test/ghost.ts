import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@tidemark/api/client';
import type { System } from './system.ts';

const LOOK_MS = 200;

/** What a ghost says when it wakes, and what it was told. */
export interface LateReport {
  readonly job_id: string;
  readonly op: string;
  readonly is_accepted: boolean;
  readonly code: string | undefined;
}

/**
 * An agent without conscience: it leases jobs, falls silent until others have taken them over, then reports as if nothing
 * had happened. Real agents stop themselves before; only a ghost shows whether the server would have refused them.
 */
export class Ghost {
  readonly late: LateReport[] = [];
  readonly #system: System;
  readonly #name: string;

  constructor(system: System, name: string) {
    this.#system = system;
    this.#name = name;
  }

  async run(signal: AbortSignal): Promise<void> {
    let worker: string | null = null;
    for (let round = 0; !signal.aborted; round += 1) {
      const client = this.#system.client(round);
      try {
        worker ??= await this.#register(client);
        await this.#haunt(client, worker, signal);
      } catch {
        // A server or the database is away just now: that is the point of the exercise.
        await delay(LOOK_MS);
      }
    }
  }

  async #register(client: Client): Promise<string> {
    const input = {
      name: this.#name,
      worker_type: 'ghost',
      version: '1',
      isolations: ['process' as const],
      kinds: ['command'],
      slots: 5,
      worker_id: `wk_${this.#name}`,
    };
    return (await client.workers.register.mutate(input)).worker_id;
  }

  async #haunt(client: Client, worker: string, signal: AbortSignal): Promise<void> {
    const { jobs } = await client.jobs.claim.mutate({ worker_id: worker, max: 2, wait_ms: 500 });
    // Time flies for a ghost: its leases are over at once, and the sweeper does the rest.
    await this.#system.endLeases('worker_id = $1', [worker]);
    for (const job of jobs) {
      const isTakenOver = await this.#waitForTakeover(job.job_id, job.lease_epoch, signal);
      if (!isTakenOver) continue;
      const base = { job_id: job.job_id, lease_epoch: job.lease_epoch };
      const items = [
        { ...base, op: 'checkpoint' as const, cursor: 'ghost' },
        { ...base, op: 'output' as const, seq: 900, text: 'ghost' },
        { ...base, op: 'complete' as const, output: 'ghost' },
        { ...base, op: 'fail' as const, error: 'ghost', retryable: false },
        { ...base, op: 'release' as const },
      ];
      const { results } = await client.jobs.report.mutate({ worker_id: worker, items });
      results.forEach((result, index) =>
        this.late.push({ job_id: job.job_id, op: items[index]?.op ?? '', is_accepted: result.ok, code: result.code }),
      );
    }
  }

  /** Resolves true when another lease was granted, false when the exercise is over. */
  async #waitForTakeover(id: string, epoch: number, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const rows = await this.#system
        .query<{ lease_epoch: number; status: string }>('select lease_epoch, status from workload where id = $1', [id])
        .catch(() => []);
      if ((rows[0]?.lease_epoch ?? epoch) > epoch) return true;
      await delay(LOOK_MS);
    }
    return false;
  }
}
