import type { Worker } from '@tidemark/core/workers/contract';
import type { ListCausesOutput } from '@tidemark/core/workloads/contract';

/** Workers that are lost or late. */
export function missingWorkers(workers: readonly Worker[]): Worker[] {
  return workers.filter(({ liveness }) => liveness === 'lost' || liveness === 'late');
}

/** How many things need attention, by where one deals with them: what many failures have in common is one thing. */
export interface Trouble {
  /** Causes for which workloads of the last 24 hours failed and that nobody has dealt with. */
  causes: number;
  /** Workers that are lost or late. */
  workers: number;
  /** Outages that go on. */
  outages: number;
  /** Reasons for which accounts publish nothing, and one when publications went out without an answer. */
  publishing: number;
}

interface Found {
  causes: Pick<ListCausesOutput, 'open'> | undefined;
  missing: readonly unknown[] | undefined;
  openCount: number | undefined;
  paused: readonly unknown[] | undefined;
  unconfirmed: number | undefined;
}

/** What is not known counts as nothing. */
export function countTrouble({ causes, missing, openCount, paused, unconfirmed }: Found): Trouble {
  return {
    causes: causes?.open ?? 0,
    workers: missing?.length ?? 0,
    outages: openCount ?? 0,
    publishing: (paused?.length ?? 0) + Math.min(1, unconfirmed ?? 0),
  };
}

/** Everything that needs attention: the one number of the headline and of the tab. */
export function totalTrouble({ causes, workers, outages, publishing }: Trouble): number {
  return causes + workers + outages + publishing;
}
