import type { Counted } from '../publishing/index.ts';

/** What the log of the workloads says of a job. */
export interface JobEvent {
  readonly type: string;
  readonly id?: string;
  readonly from?: string;
  readonly status?: string;
}

const MOVES: ReadonlySet<string> = new Set([
  'workload.created',
  'workload.started',
  'workload.completed',
  'workload.failed',
  'workload.cancelled',
  'workload.requeued',
  'workload.retried',
  'workload.deleted',
]);

/** The status an event left, by its type where it does not say; null where it was the first. */
export function leftBy(event: JobEvent): string | null {
  if (event.from !== undefined) return event.from;
  if (event.type === 'workload.created') return null;
  return event.type === 'workload.started' ? 'pending' : 'running';
}

/** The status after an event; null when the workload is gone; undefined when it moved nothing. */
export function statusAfter(event: JobEvent): string | null | undefined {
  if (!MOVES.has(event.type)) return undefined;
  return event.type === 'workload.deleted' ? null : (event.status ?? null);
}

/** The counter of a status. */
export function countedStatus(status: string): Counted {
  return `jobs_${status}` as Counted;
}
