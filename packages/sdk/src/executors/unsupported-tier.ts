import type { ClaimedJob } from '@tidemark/core/jobs/contract';
import { type Executor, permanentFailure } from './executor.ts';

/** Refuses what nothing here can run as asked: never in a weaker tier instead. */
export function unsupportedTier(job: ClaimedJob, executors: readonly Executor[]): Executor {
  const tiers = executors.filter(({ kind }) => kind === job.kind).flatMap(({ isolations }) => isolations);
  const offer =
    tiers.length === 0
      ? `This worker does not run kind "${job.kind}".`
      : `Kind "${job.kind}" runs in ${tiers.join(' or ')}, not in ${job.isolation}.`;
  return { kind: job.kind, isolations: [job.isolation], run: async () => permanentFailure(offer) };
}
