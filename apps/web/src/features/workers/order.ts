import type { Liveness, Worker } from '@tidemark/core/workers/contract';

/** What needs attention first. */
export const BY_URGENCY: readonly Liveness[] = ['lost', 'late', 'draining', 'online', 'stopped'];

export function byUrgency(left: Worker, right: Worker): number {
  return (
    BY_URGENCY.indexOf(left.liveness) - BY_URGENCY.indexOf(right.liveness) ||
    left.name.localeCompare(right.name) ||
    left.id.localeCompare(right.id)
  );
}

export function countByLiveness(workers: readonly Worker[]): Record<Liveness, number> {
  const counts: Record<Liveness, number> = { online: 0, late: 0, lost: 0, draining: 0, stopped: 0 };
  for (const worker of workers) counts[worker.liveness] += 1;
  return counts;
}

/** Slots that can do work now; those of a worker that is gone are no capacity. */
export function capacity(workers: readonly Worker[]): { used: number; slots: number } {
  const present = workers.filter((worker) => worker.liveness === 'online' || worker.liveness === 'late' || worker.liveness === 'draining');
  return {
    used: present.reduce((sum, worker) => sum + worker.slots_used, 0),
    slots: present.reduce((sum, worker) => sum + worker.slots, 0),
  };
}
