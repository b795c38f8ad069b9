import { setTimeout as delay } from 'node:timers/promises';
import type { Core } from '../engine/index.ts';
import { claimJobs, report } from '../jobs/index.ts';
import { RegisterWorkerInput } from '../workers/contract.ts';
import { heartbeat, registerWorker } from '../workers/index.ts';
import { CreateWorkloadInput } from '../workloads/contract.ts';
import { createWorkload } from '../workloads/index.ts';

export interface FleetResult {
  readonly checkpoints: number;
  /** Heartbeats whose answer did not renew the lease they named. */
  readonly missed_beats: number;
  readonly refused: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
}

interface Member {
  readonly worker_id: string;
  readonly job_id: string;
  readonly lease_epoch: number;
}

const PERIOD_MS = 1000;

let fleets = 0;

async function join(core: Core, kind: string, index: number): Promise<Member> {
  const input = { name: `${kind}-${index}`, worker_type: 'fleet', version: '1', isolations: ['process'], kinds: [kind], slots: 1 };
  const { worker_id } = await registerWorker(core, RegisterWorkerInput.parse(input));
  await createWorkload(core, CreateWorkloadInput.parse({ kind }));
  const { jobs } = await claimJobs(core, { worker_id, max: 1, wait_ms: 30_000 });
  const [job] = jobs;
  if (job === undefined) throw new Error('no job was due');
  return { worker_id, job_id: job.job_id, lease_epoch: job.lease_epoch };
}

function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? 0;
}

/** So many workers, each beating and checkpointing once a second, spread evenly over it; how long a checkpoint took them. */
export async function runFleet(core: Core, { workers, rounds }: { workers: number; rounds: number }): Promise<FleetResult> {
  fleets += 1;
  const members: Member[] = [];
  for (let index = 0; index < workers; index += 1) members.push(await join(core, `fleet${fleets}`, index));
  const took: number[] = [];
  let missed = 0;
  let refused = 0;
  const began = performance.now();
  const live = async ({ worker_id, job_id, lease_epoch }: Member, index: number): Promise<void> => {
    for (let round = 0; round < rounds; round += 1) {
      await delay(Math.max(0, began + (round + index / workers) * PERIOD_MS - performance.now()));
      const item = { op: 'checkpoint' as const, job_id, lease_epoch, keys_scanned: 100, duration_ms: PERIOD_MS, cursor: round };
      const asked = performance.now();
      const [beat, { results }] = await Promise.all([
        heartbeat(core, { worker_id, leases: [{ job_id, lease_epoch }] }),
        report(core, { worker_id, items: [item] }).finally(() => took.push(performance.now() - asked)),
      ]);
      if (!beat.renewed.includes(job_id)) missed += 1;
      if (results[0]?.ok !== true) refused += 1;
    }
  };
  await Promise.all(members.map(live));
  took.sort((left, right) => left - right);
  return { checkpoints: took.length, missed_beats: missed, refused, p50_ms: percentile(took, 0.5), p99_ms: percentile(took, 0.99) };
}
