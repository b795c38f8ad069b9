import { createCore, type Core, type CoreOptions } from '../engine/index.ts';
import type { ReportItem } from '../jobs/contract.ts';
import { claimJobs, report } from '../jobs/index.ts';
import type { ClaimedJob, ReportResult } from '../jobs/contract.ts';
import type { DatabaseHandle } from '../ports/index.ts';
import { RegisterWorkerInput } from '../workers/contract.ts';
import { registerWorker } from '../workers/index.ts';
import { CreateWorkloadInput, type Workload } from '../workloads/contract.ts';
import { createWorkload } from '../workloads/index.ts';
import { createTestDatabase, type Engine, type TestDatabase } from './create-test-database.ts';

/** A core on a database of its own, without its background loops: tests say when time passes. */
export interface TestCore extends AsyncDisposable {
  readonly core: Core;
  readonly database: TestDatabase;
  submit(input?: Partial<CreateWorkloadInput>): Promise<Workload>;
  worker(input?: Partial<RegisterWorkerInput>): Promise<string>;
  claim(workerId: string, max?: number): Promise<ClaimedJob[]>;
  claimOne(workerId: string): Promise<ClaimedJob>;
  report(workerId: string, ...items: ReportItem[]): Promise<ReportResult[]>;
  close(): Promise<void>;
}

let workers = 0;

/** `wrap` may stand between the core and its database, to prove that a test sees a fault; `options` bring a store of its own. */
export async function createTestCore(
  engine: Engine,
  wrap: (handle: DatabaseHandle) => DatabaseHandle = (handle) => handle,
  options: Omit<CoreOptions, 'database'> = {},
): Promise<TestCore> {
  const database = await createTestDatabase(engine);
  const core = await createCore({ ...options, database: wrap(database.handle) });
  const claim = async (workerId: string, max = 1): Promise<ClaimedJob[]> =>
    (await claimJobs(core, { worker_id: workerId, max, wait_ms: 0 })).jobs;
  const close = async (): Promise<void> => {
    await core.stop();
    await database.close();
  };
  return {
    core,
    database,
    submit: (input = {}) => createWorkload(core, CreateWorkloadInput.parse({ kind: 'command', ...input })),
    async worker(input = {}) {
      workers += 1;
      const all = {
        name: `worker-${workers}`,
        worker_type: 'test',
        version: '1',
        isolations: ['process'],
        kinds: ['command'],
        slots: 10,
        ...input,
      };
      return (await registerWorker(core, RegisterWorkerInput.parse(all))).worker_id;
    },
    claim,
    async claimOne(workerId) {
      const [job] = await claim(workerId);
      if (job === undefined) throw new Error('no job was due');
      return job;
    },
    report: async (workerId, ...items) => (await report(core, { worker_id: workerId, items })).results,
    close,
    [Symbol.asyncDispose]: close,
  };
}
