import { openPglite } from '@tidemark/core/adapters/pglite';
import { openPostgres } from '@tidemark/core/adapters/postgres';
import { migrate } from '@tidemark/core/db';
import { createCore } from '@tidemark/core/engine';
import type { Core } from '@tidemark/core/engine';
import type { DatabaseHandle } from '@tidemark/core/ports';
import { registerWorker } from '@tidemark/core/workers';
import { RegisterWorkerInput } from '@tidemark/core/workers/contract';
import { createWorkloads } from '@tidemark/core/workloads';
import { CreateWorkloadInput } from '@tidemark/core/workloads/contract';
import { settle } from '../../machine/postgres.ts';
import { payloadOf } from '../payload.ts';
import { inFlight } from '../timing.ts';

export const KIND = 'bench';
const BATCH = 1000;
const PRELOADS_IN_FLIGHT = 2;

export interface Engine {
  readonly core: Core;
  readonly database: DatabaseHandle;
  /** Statistics and free space as the store keeps them, before the clock starts. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Another view of the same database, for what a comparison leaves out. */
export type Lens = (database: DatabaseHandle) => DatabaseHandle;

async function startEngine(database: DatabaseHandle, settleStore: () => Promise<void>): Promise<Engine> {
  await migrate(database);
  const core = await createCore({ database });
  core.start();
  return {
    core,
    database,
    settle: settleStore,
    close: async () => {
      await core.stop();
      await database.close();
    },
  };
}

/** The engine as the server runs it, background loops included, in this process. */
export async function openEngine(url: string, lens: Lens = (database) => database): Promise<Engine> {
  return startEngine(lens(await openPostgres({ url })), () => settle(url));
}

export async function openEmbeddedEngine(dataDir: string): Promise<Engine> {
  const database = await openPglite({ dataDir });
  return startEngine(database, () => database.maintain());
}

const TEMPLATE = CreateWorkloadInput.parse({ kind: KIND });

/** What the routers hand to the engine: already parsed. */
export function inputOf(index: number): CreateWorkloadInput {
  return { ...TEMPLATE, payload: payloadOf(index) };
}

export function inputsOf(start: number, count: number): CreateWorkloadInput[] {
  return Array.from({ length: count }, (_, index) => inputOf(start + index));
}

export async function preload(core: Core, count: number): Promise<void> {
  await inFlight(PRELOADS_IN_FLIGHT, Math.ceil(count / BATCH), (index) =>
    createWorkloads(core, { items: inputsOf(index * BATCH, Math.min(BATCH, count - index * BATCH)) }),
  );
}

export function workerInput(index: number): RegisterWorkerInput {
  return RegisterWorkerInput.parse({
    name: `bench-${index}`,
    worker_type: 'bench',
    version: '1',
    isolations: ['process'],
    kinds: [KIND],
    slots: 500,
  });
}

/** One registered worker per agent. */
export async function registerAgents(core: Core, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) ids.push((await registerWorker(core, workerInput(index))).worker_id);
  return ids;
}
