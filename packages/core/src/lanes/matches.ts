import type { LaneKey, WorkerCapabilities } from '../ports/index.ts';

/** What a worker lacks for a lane; `null` when it can take work from it. */
export type Missing = 'queue' | 'kind' | 'isolation' | 'labels';

/** The first thing the worker lacks for this lane, or null when nothing is missing. */
export function missingFor(worker: Pick<WorkerCapabilities, 'queues' | 'kinds' | 'isolations' | 'labels'>, lane: LaneKey): Missing | null {
  if (!worker.queues.includes(lane.queue)) return 'queue';
  if (!worker.kinds.includes(lane.kind)) return 'kind';
  if (!worker.isolations.includes(lane.isolation)) return 'isolation';
  for (const [name, value] of Object.entries(lane.required_labels)) {
    if (worker.labels[name] !== value) return 'labels';
  }
  return null;
}
