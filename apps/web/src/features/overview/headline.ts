import type { Outage } from '@tidemark/core/outages/contract';
import type { ListedAccount } from '@tidemark/core/platforms/contract';
import type { Worker } from '@tidemark/core/workers/contract';
import type { FailureCause } from '@tidemark/core/workloads/contract';
import { formatCount, plural } from '../../lib/format.ts';
import { countTrouble, totalTrouble } from '../../lib/trouble.ts';

export interface Situation {
  /** Workloads that run now. */
  running: number;
  /** Why workloads failed in the last day and nobody has dealt with it, the most frequent cause first. */
  causes: { open: number; items: readonly Pick<FailureCause, 'count' | 'sample' | 'status'>[] };
  /** Outages that go on, those that nobody has seen yet first to be named. */
  outages: readonly Pick<Outage, 'test_name' | 'status'>[];
  /** Outages that go on, also those that are not listed. */
  openCount: number;
  /** Workers that are late or lost. */
  missing: readonly Pick<Worker, 'name' | 'liveness'>[];
  /** Accounts that publish nothing, those of one reason together. */
  paused: readonly { accounts: readonly Pick<ListedAccount, 'id' | 'name'>[] }[];
  /** Publications of which nobody knows whether they are out. */
  unconfirmed: number;
}

const MAX_SAMPLE = 60;

/** What a failure says, as much of it as a heading has room for. */
function quoted(sample: string): string {
  return `“${sample.length <= MAX_SAMPLE ? sample : `${sample.slice(0, MAX_SAMPLE - 1).trimEnd()}…`}”`;
}

/** What is worst, by name; null when nothing is wrong. */
function worst({ outages, missing, paused, causes, unconfirmed }: Situation): string | null {
  const outage = outages.find(({ status }) => status !== 'acknowledged') ?? outages[0];
  if (outage !== undefined) return `${outage.test_name} is down`;
  const worker = missing.find(({ liveness }) => liveness === 'lost') ?? missing[0];
  if (worker !== undefined) return `Worker ${worker.name} is ${worker.liveness}`;
  const [account, ...others] = paused[0]?.accounts ?? [];
  if (account !== undefined) return `${account.name ?? account.id}${others.length > 0 ? ` and ${others.length} more` : ''} cannot publish`;
  const cause = causes.items.find(({ status }) => status === 'open');
  if (cause !== undefined) return `${plural(cause.count, 'workload')} failed with ${quoted(cause.sample)}`;
  return unconfirmed > 0 ? `${plural(unconfirmed, 'publication')} went out without an answer` : null;
}

/** One sentence that answers "is it fine?", and if not, what to look at first; silent until it is known. It counts causes, not what they broke. */
export function headline(situation: Situation | undefined): string {
  if (situation === undefined) return 'Overview';
  const { running } = situation;
  const rest = totalTrouble(countTrouble(situation)) - 1;
  const name = worst(situation);
  if (name === null) return `${running === 0 ? 'Nothing is running' : `${plural(running, 'workload')} running`}, nothing needs attention`;
  return rest <= 0 ? name : `${name}, ${formatCount(rest)} more ${rest === 1 ? 'thing needs' : 'things need'} attention`;
}
