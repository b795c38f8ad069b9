import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from './random.ts';
import type { System } from './system.ts';

const RETRY_MS = 200;

/** Submits workloads through the proxies and repeats each, with its key, until it is acknowledged. */
export class Submitter {
  /** Acknowledged ids by idempotency key. */
  readonly acknowledged = new Map<string, string>();
  /** Answers that named another workload than an earlier answer for the same key. */
  readonly contradictions: string[] = [];
  repeated = 0;
  readonly #system: System;
  readonly #random: Random;
  readonly #inputs = new Map<string, object>();
  #made = 0;

  constructor(system: System, random: Random) {
    this.#system = system;
    this.#random = random;
  }

  /** Submits one after the other until `signal` aborts, or `limit` are acknowledged. */
  async run(limit: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#made < limit) {
      const key = `chaos-${this.#made}`;
      this.#made += 1;
      await delay(this.#random.between(200, 600));
      await this.#submit(key);
      // Some ask again although they were answered.
      if (this.#random.next() < 0.1) await this.#submit(key);
    }
  }

  async #submit(key: string): Promise<void> {
    const seconds = this.#random.between(1, 8) / 10;
    const command = `echo "$TIDEMARK_JOB_ID $TIDEMARK_ATTEMPT" >> ${this.#system.witnessPath}; sleep ${seconds}; echo done`;
    const input = {
      kind: 'command',
      payload: { command },
      max_attempts: 1000,
      max_lease_losses: 1000,
      backoff_ms: 50,
      labels: { key },
      idempotency_key: key,
    } as const;
    for (;;) {
      try {
        const { id } = await this.#system.client(this.#random.between(0, 1), 'proxy').workloads.create.mutate(this.#repeatable(key, input));
        const known = this.acknowledged.get(key);
        if (known !== undefined && known !== id) this.contradictions.push(`${key} was ${known} and then ${id}`);
        this.acknowledged.set(key, id);
        return;
      } catch {
        this.repeated += 1;
        await delay(RETRY_MS);
      }
    }
  }

  /** The body of the first try: the same key must come with the same body. */
  #repeatable<Input extends object>(key: string, input: Input): Input {
    const first = this.#inputs.get(key) ?? input;
    this.#inputs.set(key, first);
    return first as Input;
  }
}
