import type { WorkloadSummary } from '@tidemark/core/workloads/contract';

type Failed = Pick<WorkloadSummary, 'id' | 'kind' | 'error' | 'exit_code'>;

/** Failures of one kind that say the same but for numbers. */
export interface Alike<Workload> {
  latest: Workload;
  count: number;
}

/** What a failure says, in one line. */
export function causeOf({ error, exit_code: code }: Failed): string {
  return error?.split('\n')[0] ?? (code === null ? '' : `exit code ${code}`);
}

/** One entry per cause, in the order of the newest of each: twenty failures of one broken disk are one problem. */
export function groupFailures<Workload extends Failed>(failures: readonly Workload[]): Alike<Workload>[] {
  const groups = new Map<string, Alike<Workload>>();
  for (const failure of failures) {
    const key = `${failure.kind} ${causeOf(failure).replaceAll(/\d+/g, '#')}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { latest: failure, count: 1 });
    else known.count += 1;
  }
  return [...groups.values()];
}
