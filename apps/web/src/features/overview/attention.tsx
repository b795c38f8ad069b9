import { Link } from '@tanstack/react-router';
import { Check, CircleHelp } from 'lucide-react';
import type { Outage } from '@tidemark/core/outages/contract';
import type { Worker } from '@tidemark/core/workers/contract';
import type { WorkloadSummary } from '@tidemark/core/workloads/contract';
import { formatCount, plural, shortId } from '../../lib/format.ts';
import { LIVENESS_LOOK, MONITOR_LOOK, Status, workloadLook } from '../../ui/status.tsx';
import { Elapsed, Moment } from '../../ui/time.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { causeOf, groupFailures } from './group-failures.ts';
import type { Alike } from './group-failures.ts';

interface AttentionProps {
  workers: Worker[] | undefined;
  failures: WorkloadSummary[] | undefined;
  failedCount: number | undefined;
  /** Outages that nobody has acknowledged, newest first. */
  outages: Outage[] | undefined;
  openCount: number | undefined;
  /** What is not there could not be read. */
  isFailed: boolean;
  /** Publications whose answer never came. */
  unconfirmed: number;
}

const ROW = 'grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 px-4 py-2 text-sm sm:grid-cols-[8.5rem_minmax(0,1fr)_auto]';
// On a phone the state and its age share the first line, and what happened has the second to itself.
const TEXT = 'order-last col-span-2 min-w-0 truncate sm:order-none sm:col-span-1';

function WorkerRow({ worker }: { worker: Worker }) {
  return (
    <li className={ROW}>
      <Status look={LIVENESS_LOOK[worker.liveness]} />
      <span className={TEXT}>
        Worker{' '}
        <Link to="/workers/$id" params={{ id: worker.id }} className="link font-medium text-ink">
          {worker.name}
        </Link>
        {worker.slots_used > 0 && <span className="text-ink-soft"> held {plural(worker.slots_used, 'workload')}</span>}
      </span>
      <Moment at={worker.last_heartbeat_at} className="text-xs text-ink-mute" />
    </li>
  );
}

function OutageRow({ outage }: { outage: Outage }) {
  return (
    <li className={ROW}>
      <Status look={{ ...MONITOR_LOOK.down, word: outage.status === 'acknowledged' ? 'Down, seen' : 'Down' }} />
      <span className={TEXT}>
        Monitor{' '}
        <Link to="/incidents/$id" params={{ id: outage.id }} className="link font-medium text-ink">
          {outage.test_name}
        </Link>
        <span className="text-ink-soft">
          {' '}
          {plural(outage.failed_runs, 'failed run')}
          {outage.error !== null && `: ${outage.error}`}
        </span>
      </span>
      <span className="text-xs text-ink-mute">
        for <Elapsed ms={null} since={outage.opened_at} />
      </span>
    </li>
  );
}

function FailureRow({ group: { latest: workload, count } }: { group: Alike<WorkloadSummary> }) {
  return (
    <li className={ROW}>
      <Status look={workloadLook(workload.status, workload.status_reason)} />
      <span className={TEXT}>
        <Link to="/workloads/$id" params={{ id: workload.id }} className="link font-medium text-ink">
          {workload.kind} <span className="font-mono text-xs">{shortId(workload.id)}</span>
        </Link>
        <span className="text-ink-soft">
          {count > 1 && (
            <>
              {' and '}
              <Link to="/workloads" search={{ status: 'failed', kind: workload.kind, range: '24h' }} className="link text-ink">
                {formatCount(count - 1)} more like it
              </Link>
            </>
          )}{' '}
          {causeOf(workload)}
        </span>
      </span>
      <Moment at={workload.finished_at ?? workload.created_at} className="text-xs text-ink-mute" />
    </li>
  );
}

/** While it is read, and when it could not be. */
function NotKnown({ isFailed }: { isFailed: boolean }) {
  if (!isFailed) return <SkeletonRows count={1} />;
  return (
    <p id="attention" className="px-4 py-2.5 text-sm">
      What needs attention is not known.
    </p>
  );
}

/** What may or may not have been published: only a person who looks can tell. */
function UnconfirmedRow({ count }: { count: number }) {
  return (
    <li className={ROW}>
      <Status look={{ icon: CircleHelp, word: 'Unconfirmed', tone: 'amber' }} />
      <span className={TEXT}>
        <Link to="/publishing/queue" search={{ status: 'failed', cause: 'unconfirmed' }} className="link font-medium text-ink">
          {plural(count, 'publication')}
        </Link>
        <span className="text-ink-soft"> sent without an answer: look on the platform before publishing again</span>
      </span>
      <span />
    </li>
  );
}

const MAX_GROUPS = 5;

/** The worst first. With nothing wrong it is one line; it does not disappear, so that the page does not jump. */
export function Attention({ workers, failures, failedCount, outages, openCount, unconfirmed, isFailed }: AttentionProps) {
  const isKnown = workers !== undefined && failures !== undefined && outages !== undefined;
  const hiddenOutages = (openCount ?? 0) - (outages?.length ?? 0);
  const groups = groupFailures(failures ?? []);
  const shown = groups.slice(0, MAX_GROUPS);
  const hidden = (failedCount ?? 0) - shown.reduce((sum, group) => sum + group.count, 0);
  const isCalm = isKnown && workers.length === 0 && failures.length === 0 && outages.length === 0 && unconfirmed === 0;
  return (
    <section aria-labelledby="attention" className="panel overflow-hidden">
      {!isKnown && <NotKnown isFailed={isFailed} />}
      {isCalm && (
        <p className="flex items-center gap-2 px-4 py-2.5 text-sm">
          <Check aria-hidden className="size-4 text-green" strokeWidth={2.5} />
          <span id="attention">Nothing is down, nothing failed in the last 24 hours, and no worker is missing.</span>
        </p>
      )}
      {isKnown && !isCalm && (
        <>
          <h2 id="attention" className="flex min-h-10 items-center border-b border-line px-4 text-sm font-semibold">
            Needs attention
          </h2>
          <ul className="divide-y divide-line">
            {outages.map((outage) => (
              <OutageRow key={outage.id} outage={outage} />
            ))}
            {workers.map((worker) => (
              <WorkerRow key={worker.id} worker={worker} />
            ))}
            {shown.map((group) => (
              <FailureRow key={group.latest.id} group={group} />
            ))}
            {unconfirmed > 0 && <UnconfirmedRow count={unconfirmed} />}
          </ul>
          {hiddenOutages > 0 && (
            <p className="border-t border-line px-4 py-2 text-sm">
              <Link to="/incidents" className="link">
                {formatCount(hiddenOutages)} more {hiddenOutages === 1 ? 'outage goes' : 'outages go'} on
              </Link>
            </p>
          )}
          {hidden > 0 && (
            <p className="border-t border-line px-4 py-2 text-sm">
              <Link to="/workloads" search={{ status: 'failed', range: '24h' }} className="link">
                {formatCount(hidden)} more failed in the last 24 hours
              </Link>
            </p>
          )}
        </>
      )}
    </section>
  );
}
