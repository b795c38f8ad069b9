import { createClient, type Client, type RouterInputs } from '@tidemark/api/client';

type ReportItem = NonNullable<RouterInputs['jobs']['report']['items']>[number];

/** An agent led by hand: it takes one job and writes and ends it when the test says so. */
export class HandAgent {
  readonly #client: Client;
  readonly #workerId: string;
  #job: { job_id: string; lease_epoch: number } | null = null;
  #seq = 0;

  private constructor(client: Client, workerId: string) {
    this.#client = client;
    this.#workerId = workerId;
  }

  static async register(url: string, queue: string): Promise<HandAgent> {
    const client = createClient({ url });
    const { worker_id } = await client.workers.register.mutate({
      name: `by hand ${queue}`,
      worker_type: 'test',
      version: '1',
      isolations: ['process', 'isolate'],
      kinds: ['command', 'script'],
      queues: [queue],
      slots: 10,
    });
    return new HandAgent(client, worker_id);
  }

  async claim(): Promise<void> {
    const { jobs } = await this.#client.jobs.claim.mutate({ worker_id: this.#workerId, max: 1, wait_ms: 20_000 });
    const job = jobs[0];
    if (job === undefined) throw new Error('there was no job to claim');
    this.#job = { job_id: job.job_id, lease_epoch: job.lease_epoch };
    this.#seq = 0;
  }

  async write(text: string, stream: 'stdout' | 'stderr' | 'log' = 'stdout'): Promise<void> {
    await this.#report({ op: 'output', ...this.#held(), seq: this.#seq, stream, text });
    this.#seq += 1;
  }

  async complete(result: { output?: string; exit_code?: number } = {}): Promise<void> {
    await this.#report({ op: 'complete', ...this.#held(), exit_code: 0, ...result });
  }

  async fail(result: { exit_code?: number; signal?: string; error: string; retryable?: boolean }): Promise<void> {
    await this.#report({ op: 'fail', ...this.#held(), retryable: false, ...result });
  }

  #held(): { job_id: string; lease_epoch: number } {
    if (this.#job === null) throw new Error('no job was claimed');
    return this.#job;
  }

  async #report(item: ReportItem): Promise<void> {
    const { results } = await this.#client.jobs.report.mutate({ worker_id: this.#workerId, items: [item] });
    const refused = results.find((result) => !result.ok);
    if (refused !== undefined) throw new Error(`the report was refused: ${refused.code} ${refused.message}`);
  }
}
