import type { Outage } from '@tidemark/core/outages/contract';
import type { Worker } from '@tidemark/core/workers/contract';
import { formatCount, plural } from '../../lib/format.ts';

export interface Situation {
  /** Workloads that run now. */
  running: number;
  /** Workloads that failed in the last day. */
  failed: number;
  /** Outages that go on, those that nobody has seen yet first to be named. */
  outages: readonly Pick<Outage, 'test_name' | 'status'>[];
  /** Outages that go on, also those that are not listed. */
  openCount: number;
  /** Workers that are late or lost. */
  missing: readonly Pick<Worker, 'name' | 'liveness'>[];
}

/** What is worst, by name; null when only workloads failed, whose names say little. */
function worst({ outages, missing }: Situation): string | null {
  const outage = outages.find(({ status }) => status !== 'acknowledged') ?? outages[0];
  if (outage !== undefined) return `${outage.test_name} is down`;
  const worker = missing.find(({ liveness }) => liveness === 'lost') ?? missing[0];
  return worker === undefined ? null : `Worker ${worker.name} is ${worker.liveness}`;
}

/** One sentence that answers "is it fine?", and if not, what to look at first; silent until it is known. */
export function headline(situation: Situation | undefined): string {
  if (situation === undefined) return 'Overview';
  const { running, failed, openCount, missing } = situation;
  const troubles = failed + openCount + missing.length;
  const name = worst(situation);
  const rest = name === null ? troubles : troubles - 1;
  const more = `${formatCount(rest)}${name === null ? '' : ' more'} ${rest === 1 ? 'thing needs' : 'things need'} attention`;
  if (name !== null) return rest <= 0 ? name : `${name}, ${more}`;
  const state = running === 0 ? 'Nothing is running' : `${plural(running, 'workload')} running`;
  return troubles === 0 ? `${state}, nothing needs attention` : `${state}, ${more}`;
}
