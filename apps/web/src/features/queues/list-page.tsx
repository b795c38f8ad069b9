import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { PauseCircle, Pause, Play, SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import type { Queue } from '@tidemark/core/queues/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { useLiveEvents } from '../../lib/live/use-live.ts';
import { readAgain } from '../../lib/refresh.ts';
import { useThrottle } from '../../lib/throttle.ts';
import { useTitle } from '../../lib/title.ts';
import { trpc } from '../../lib/trpc.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { FailurePage } from '../../ui/failure-page.tsx';
import { Meter } from '../../ui/meter.tsx';
import { Empty, FailureStrip, WarningStrip } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { Status } from '../../ui/status.tsx';
import type { Look } from '../../ui/status.tsx';
import { usePause } from './actions.ts';
import { LimitsDrawer } from './limits-drawer.tsx';

const PAUSED: Look = { icon: PauseCircle, word: 'Paused', tone: 'amber' };
const OPEN: Look = { icon: Play, word: 'Open', tone: 'grey' };

/** A number that leads to what it counts; nothing there is quiet. */
function Held({ row, status }: { row: Queue; status: 'pending' | 'running' }) {
  const count = row[status];
  return (
    <Link
      to="/workloads"
      search={{ queue: row.name, status }}
      aria-label={`${plural(count, 'workload')} ${status} in ${row.name}`}
      className={count === 0 ? 'text-ink-mute hover:underline' : 'link font-semibold text-ink'}
    >
      {formatCount(count)}
    </Link>
  );
}

function rateOf(row: Queue): string {
  if (row.rate_per_minute === null) return '';
  const burst = row.rate_burst === null ? '' : `, ${formatCount(row.rate_burst)} at once`;
  return `${formatCount(row.rate_per_minute)} starts a minute${burst}`;
}

function Limits({ row }: { row: Queue }) {
  const words = [rateOf(row), row.key_concurrency === null ? '' : `${formatCount(row.key_concurrency)} per key`].filter(
    (text) => text !== '',
  );
  if (row.concurrency === null && words.length === 0) return <span className="text-ink-mute">none</span>;
  return (
    <span className="flex flex-wrap items-center gap-x-4 gap-y-0.5">
      {row.concurrency !== null && <Meter label={`Running in ${row.name}`} value={row.running} max={row.concurrency} />}
      {words.length > 0 && <span className="text-ink-soft">{words.join(' · ')}</span>}
    </span>
  );
}

function Actions({ row }: { row: Queue }) {
  const pause = usePause(row);
  return (
    <span className="flex justify-end gap-1.5">
      <Button
        size="small"
        disabled={pause.isPending}
        aria-label={`${row.is_paused ? 'Resume' : 'Pause'} ${row.name}`}
        onClick={() => pause.mutate()}
      >
        {row.is_paused ? <Play aria-hidden className="size-3.5" /> : <Pause aria-hidden className="size-3.5" />}
        <span className="hidden sm:inline">{row.is_paused ? 'Resume' : 'Pause'}</span>
      </Button>
      <Link to="/queues" search={{ edit: row.name }} aria-label={`Edit limits of ${row.name}`} className={buttonClass('plain', 'small')}>
        <SlidersHorizontal aria-hidden className="size-3.5" />
        <span className="hidden sm:inline">Limits</span>
      </Link>
    </span>
  );
}

const COLUMNS: readonly Column<Queue>[] = [
  { id: 'state', header: 'State', className: 'hidden w-28 sm:table-cell', cell: (row) => <Status look={row.is_paused ? PAUSED : OPEN} /> },
  {
    id: 'name',
    header: 'Queue',
    cell: (row) => (
      <span className="flex flex-col items-start">
        <Link to="/workloads" search={{ queue: row.name }} className="link font-medium break-all text-ink">
          {row.name}
        </Link>
        {row.is_paused && <Status look={PAUSED} className="sm:hidden" />}
      </span>
    ),
  },
  { id: 'pending', header: 'Pending', className: 'text-right sm:w-24', cell: (row) => <Held row={row} status="pending" /> },
  { id: 'running', header: 'Running', className: 'text-right sm:w-24', cell: (row) => <Held row={row} status="running" /> },
  { id: 'limits', header: 'Limits', className: 'hidden md:table-cell md:pl-8', cell: (row) => <Limits row={row} /> },
  { id: 'actions', header: 'Actions', className: 'text-right', cell: (row) => <Actions row={row} /> },
];

/** Paused ones with work first: nothing there will start by itself. */
function byUrgency(left: Queue, right: Queue): number {
  const weight = (queue: Queue): number => (queue.is_paused && queue.pending > 0 ? 1 : 0);
  return weight(right) - weight(left) || left.name.localeCompare(right.name);
}

/** In the order of their urgency when the page was opened, later ones at the end: no row moves away from the one who acts on it. */
function useRows(items: readonly Queue[] | undefined): Queue[] | undefined {
  const [order, setOrder] = useState<readonly string[]>([]);
  const fresh = (items ?? []).filter(({ name }) => !order.includes(name)).toSorted(byUrgency);
  if (fresh.length > 0) setOrder([...order, ...fresh.map(({ name }) => name)]);
  return items?.toSorted((left, right) => order.indexOf(left.name) - order.indexOf(right.name));
}

function describe(queues: readonly Queue[]): string {
  const held = queues.filter((queue) => queue.is_paused && queue.pending > 0);
  if (held.length === 0) return 'A workload waits in a queue until a worker that serves it has a free slot.';
  const waiting = held.reduce((sum, queue) => sum + queue.pending, 0);
  return `${plural(waiting, 'workload')} cannot start, because ${plural(held.length, 'queue')} ${held.length === 1 ? 'is' : 'are'} paused.`;
}

export function QueuesPage() {
  useTitle('Queues');
  const { edit } = useSearch({ from: '/queues' });
  const navigate = useNavigate({ from: '/queues' });
  const { data, error, refetch } = useQuery(trpc.queues.list.queryOptions({ limit: 500 }, { refetchInterval: useRefreshMs(10_000) }));
  const refresh = useThrottle(() => void readAgain(trpc.queues.pathKey()), 1000);
  useLiveEvents('workloads', refresh);
  const rows = useRows(data?.items);
  const failure = error === null ? null : toFailure(error);
  if (failure?.code === 'FORBIDDEN' || failure?.code === 'UNAUTHORIZED') return <FailurePage failure={failure} />;
  return (
    <div className="flex flex-col gap-4">
      <PageHeader title="Queues" lead={describe(rows ?? [])} />
      {failure !== null && <FailureStrip what="The list is not up to date." failure={failure} onRetry={() => void refetch()} />}
      {data !== undefined && data.next_cursor !== null && (
        <WarningStrip>Only the first {plural(data.items.length, 'queue')} are shown.</WarningStrip>
      )}
      <section aria-label="Queues" className="panel overflow-hidden">
        {rows === undefined && failure === null && <SkeletonRows count={3} />}
        {rows?.length === 0 && (
          <Empty title="No queue has been used yet">
            <p>A queue begins with the first workload that names it.</p>
            <Link to="/workloads" search={{ panel: 'new' }} className={buttonClass('primary')}>
              Submit a workload
            </Link>
          </Empty>
        )}
        {rows !== undefined && rows.length > 0 && (
          <DataTable caption="Queues, those that hold work back first" columns={COLUMNS} rows={rows} getRowId={(row) => row.name} />
        )}
      </section>
      <LimitsDrawer queue={data?.items.find((queue) => queue.name === edit)} onClose={() => void navigate({ search: {} })} />
    </div>
  );
}
