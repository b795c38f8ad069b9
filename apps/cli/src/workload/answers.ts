import type { Client } from '@tidemark/api/client';

/** Workloads as they arrive: what JSON makes of the contract's shapes. */
export type WorkloadAnswer = Awaited<ReturnType<Client['workloads']['create']['mutate']>>;
export type WorkloadDetail = Awaited<ReturnType<Client['workloads']['get']['query']>>;

/** What became of a workload that was changed, in a line. */
export function describeChanged(workload: WorkloadAnswer): string {
  return `${workload.id} ${workload.status}${workload.status_reason === null ? '' : ` (${workload.status_reason})`}`;
}
