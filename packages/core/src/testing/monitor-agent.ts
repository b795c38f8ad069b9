import { sql } from 'kysely';
import type { ClaimedJob } from '../jobs/contract.ts';
import type { TestCore } from './create-test-core.ts';

/** The output of a passed run of one step, or of what is given. */
export function resultOf(given: Readonly<Record<string, unknown>>): string {
  const passed = given['passed'] ?? true;
  const step = { step_number: 1, name: 'page', type: 'http', passed, duration_ms: 10 };
  const steps = { steps_passed: passed === true ? 1 : 0, steps_total: 1, step_results: [step] };
  return JSON.stringify({
    passed,
    duration_ms: 10,
    ...steps,
    details: passed === true ? 'All steps passed.' : 'No step passed.',
    error: passed === true ? null : 'status: expected 200, got 503',
    ...given,
  });
}

/** Empties what monitors fill. */
export async function forgetMonitors({ core }: TestCore): Promise<void> {
  await sql`truncate monitor, maintenance, channel, workload, attempt, lease, counter, event cascade`.execute(core.database.db);
  await sql`update stream set position = 0, floor = 0`.execute(core.database.db);
}

/** A worker of kind `monitor` that answers what the test says. */
export class MonitorAgent {
  readonly #test: TestCore;
  readonly #workerId: string;

  private constructor(test: TestCore, workerId: string) {
    this.#test = test;
    this.#workerId = workerId;
  }

  static async open(test: TestCore): Promise<MonitorAgent> {
    return new MonitorAgent(test, await test.worker({ kinds: ['monitor'], queues: ['monitors'], slots: 100 }));
  }

  take(): Promise<ClaimedJob> {
    return this.#test.claimOne(this.#workerId);
  }

  async isIdle(): Promise<boolean> {
    return (await this.#test.claim(this.#workerId)).length === 0;
  }

  async tell(
    job: ClaimedJob,
    seq: number,
    ...events: { type: string; message: string; step_number?: number; passed?: boolean }[]
  ): Promise<void> {
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    await this.#accepted({ op: 'output', job_id: job.job_id, lease_epoch: job.lease_epoch, seq, stream: 'log', text });
  }

  async complete(job: ClaimedJob, output: string): Promise<void> {
    await this.#accepted({ op: 'complete', job_id: job.job_id, lease_epoch: job.lease_epoch, output });
  }

  async fail(job: ClaimedJob, error: string, reason: 'error' | 'timeout'): Promise<void> {
    await this.#accepted({ op: 'fail', job_id: job.job_id, lease_epoch: job.lease_epoch, error, retryable: false, reason });
  }

  async #accepted(item: Parameters<TestCore['report']>[1]): Promise<void> {
    const [result] = await this.#test.report(this.#workerId, item);
    if (result?.ok !== true) throw new Error(`refused: ${result?.message ?? 'no answer'}`);
  }
}
