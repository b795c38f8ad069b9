import { Link } from '@tanstack/react-router';
import { Check, CircleHelp, PauseCircle } from 'lucide-react';
import { Fragment, useState } from 'react';
import type { Outage } from '@tidemark/core/outages/contract';
import type { Liveness, Worker } from '@tidemark/core/workers/contract';
import type { FailureCause, ListCausesOutput } from '@tidemark/core/workloads/contract';
import { formatCount, plural } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { LIVENESS_LOOK, MONITOR_LOOK, Status, STATUS_LOOK } from '../../ui/status.tsx';
import { Elapsed, Moment } from '../../ui/time.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import type { PausedAccounts } from '../../lib/paused-accounts.ts';
import { openCauses } from './queries.ts';

interface AttentionProps {
  workers: Worker[] | undefined;
  causes: ListCausesOutput | undefined;
  /** Outages that go on, those that nobody has acknowledged first. */
  outages: Outage[] | undefined;
  openCount: number | undefined;
  paused: PausedAccounts[] | undefined;
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

/** Many workers of one state: one line, since what took them is likely one thing. */
function WorkersRow({ liveness, count }: { liveness: Liveness; count: number }) {
  return (
    <li className={ROW}>
      <Status look={LIVENESS_LOOK[liveness]} />
      <span className={TEXT}>
        <Link to="/workers" search={{ liveness }} className="link font-medium text-ink">
          {plural(count, 'worker')}
        </Link>
        <span className="text-ink-soft"> {count === 1 ? 'is' : 'are'} not heard of</span>
      </span>
      <span />
    </li>
  );
}

/** Everything that failed of one cause in the last day. */
function CauseRow({ cause }: { cause: FailureCause }) {
  return (
    <li className={ROW}>
      <Status look={STATUS_LOOK.failed} />
      <span className={TEXT} title={cause.sample}>
        <Link
          to="/workloads"
          search={{ status: 'failed', kind: cause.kind, cause: cause.message, range: '24h' }}
          className="link font-medium text-ink"
        >
          {plural(cause.count, `${cause.kind} workload`)}
        </Link>
        <span className="text-ink-soft"> failed with “{cause.sample}”</span>
      </span>
      <Link to="/workloads/$id" params={{ id: cause.last_ref }} className="link text-xs text-ink-mute">
        <span className="sr-only">The latest, </span>
        <Moment at={cause.last_at} />
      </Link>
    </li>
  );
}

/** Accounts that stopped for one reason, each with what waits for it. */
function PausedRow({ group: { platform, reason, accounts } }: { group: PausedAccounts }) {
  return (
    <li className={ROW}>
      <Status look={{ icon: PauseCircle, word: 'Paused', tone: 'amber' }} />
      <span className={TEXT} title={reason}>
        {accounts.map((account, index) => (
          <Fragment key={account.id}>
            {index > 0 && ', '}
            <Link to="/publishing/platforms/$platform" params={{ platform }} className="link font-medium text-ink">
              {account.name ?? account.id}
            </Link>
            {account.pending > 0 && (
              <>
                {' with '}
                <Link to="/publishing/queue" search={{ status: 'pending', platform, account: account.id }} className="link text-ink">
                  {formatCount(account.pending)} waiting
                </Link>
              </>
            )}
          </Fragment>
        ))}
        <span className="text-ink-soft"> {`on ${platform}: ${reason}`}</span>
      </span>
      <span />
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

const MAX_CAUSES = 5;
const MAX_WORKERS = 3;

function WorkerRows({ workers }: { workers: readonly Worker[] }) {
  if (workers.length <= MAX_WORKERS) return workers.map((worker) => <WorkerRow key={worker.id} worker={worker} />);
  return (['lost', 'late'] as const).map((liveness) => {
    const count = workers.filter((worker) => worker.liveness === liveness).length;
    return count > 0 && <WorkersRow key={liveness} liveness={liveness} count={count} />;
  });
}

/** Leads to everything of which the rows above show a part. */
function Whole({ openCount, shownOutages, causes }: { openCount: number; shownOutages: number; causes: ListCausesOutput }) {
  return (
    <>
      {openCount > shownOutages && (
        <p className="border-t border-line px-4 py-2 text-sm">
          <Link to="/incidents" className="link">
            All {plural(openCount, 'outage')} that go on
          </Link>
        </p>
      )}
      {!causes.is_whole && (
        <p className="border-t border-line px-4 py-2 text-sm">
          More failed than are counted here: these are the newest {formatCount(causes.failed)}.{' '}
          <Link to="/workloads" search={{ status: 'failed', range: '24h' }} className="link">
            All that failed in the last 24 hours
          </Link>
        </p>
      )}
    </>
  );
}

/** The worst first, a line for each cause. With nothing wrong it is one line; it does not disappear, so that the page does not jump. */
export function Attention({ workers, causes, outages, openCount, paused, unconfirmed, isFailed }: AttentionProps) {
  const [isOpen, setOpen] = useState(false);
  const isKnown = workers !== undefined && causes !== undefined && outages !== undefined && paused !== undefined;
  if (!isKnown) {
    return (
      <section aria-labelledby="attention" className="panel overflow-hidden">
        <NotKnown isFailed={isFailed} />
      </section>
    );
  }
  const open = openCauses(causes);
  const shown = isOpen ? open : open.slice(0, MAX_CAUSES);
  const isCalm = [workers, open, outages, paused].every((rows) => rows.length === 0) && unconfirmed === 0;
  return (
    <section aria-labelledby="attention" className="panel overflow-hidden">
      {isCalm && (
        <p className="flex items-center gap-2 px-4 py-2.5 text-sm">
          <Check aria-hidden className="size-4 text-green" strokeWidth={2.5} />
          <span id="attention">
            {causes.total === 0
              ? 'Nothing is down, nothing failed in the last 24 hours, and no worker is missing.'
              : 'Nothing is down, no worker is missing, and what failed in the last 24 hours was resolved or is ignored.'}
          </span>
        </p>
      )}
      {!isCalm && (
        <>
          <h2 id="attention" className="flex min-h-10 items-center border-b border-line px-4 text-sm font-semibold">
            Needs attention
          </h2>
          <ul className="divide-y divide-line">
            {outages.map((outage) => (
              <OutageRow key={outage.id} outage={outage} />
            ))}
            <WorkerRows workers={workers} />
            {paused.map((group) => (
              <PausedRow key={`${group.platform} ${group.reason}`} group={group} />
            ))}
            {shown.map((cause) => (
              <CauseRow key={cause.id} cause={cause} />
            ))}
            {unconfirmed > 0 && <UnconfirmedRow count={unconfirmed} />}
          </ul>
          {open.length > shown.length && (
            <p className="border-t border-line px-4 py-1.5">
              <Button variant="quiet" size="small" onClick={() => setOpen(true)}>
                Show {plural(open.length - shown.length, 'more cause')}
              </Button>
            </p>
          )}
          <Whole openCount={openCount ?? 0} shownOutages={outages.length} causes={causes} />
        </>
      )}
    </section>
  );
}
