import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import type { Operation } from '@tidemark/core/operations/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { useTitle } from '../../lib/title.ts';
import { trpc } from '../../lib/trpc.ts';
import { DataTable } from '../../ui/data-table.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { Dropped } from '../../ui/list-notices.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { PageHeader, Panel } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { Status } from '../../ui/status.tsx';
import { Moment } from '../../ui/time.tsx';
import { EventLog } from './event-log.tsx';
import { OPERATION_LOOK } from './operation-page.tsx';
import { describeFilter, titleOf } from './operations.ts';

const COLUMNS: readonly Column<Operation>[] = [
  { id: 'status', header: 'Status', className: 'w-28', cell: (row) => <Status look={OPERATION_LOOK[row.status]} /> },
  {
    id: 'what',
    header: 'Bulk action',
    cell: (row) => (
      <Link to="/activity/bulk/$id" params={{ id: row.id }} className="link font-medium text-ink">
        {titleOf(row)}
      </Link>
    ),
  },
  {
    id: 'filter',
    header: 'Of',
    className: 'hidden lg:table-cell',
    cell: (row) => <span className="text-ink-soft">{describeFilter(row.filter)}</span>,
  },
  { id: 'done', header: 'Done', className: 'hidden text-right sm:table-cell', cell: (row) => formatCount(row.succeeded) },
  {
    id: 'refused',
    header: 'Refused',
    className: 'hidden text-right sm:table-cell',
    cell: (row) => <span className={row.refused > 0 ? 'text-red' : 'text-ink-mute'}>{formatCount(row.refused)}</span>,
  },
  { id: 'started', header: 'Started', className: 'text-right', cell: (row) => <Moment at={row.created_at} /> },
];

function Operations() {
  const { data, error, refetch } = useQuery(trpc.operations.list.queryOptions({ limit: 20 }, { refetchInterval: useRefreshMs(5000) }));
  return (
    <Panel title="Bulk actions">
      {error !== null && <FailureStrip what="This is not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <SkeletonRows count={3} />}
      {data?.items.length === 0 && (
        <p className="px-4 py-4 text-sm text-ink-soft">
          None yet. Filter the{' '}
          <Link to="/workloads" className="link">
            workloads
          </Link>{' '}
          and cancel or retry all that match.
        </p>
      )}
      {data !== undefined && data.items.length > 0 && (
        <DataTable caption="Bulk actions, the latest first" columns={COLUMNS} rows={data.items} getRowId={(row) => row.id} />
      )}
    </Panel>
  );
}

/** What people decided for many workloads at once, and what happened to the fleet. */
export function ActivityPage() {
  useTitle('Activity');
  const search = useSearch({ from: '/activity' });
  return (
    <div className="flex flex-col gap-4">
      <PageHeader title="Activity" lead="What people did to many workloads at once, and what happened to workers." />
      <Dropped path="/activity" search={search} />
      <Operations />
      <EventLog />
    </div>
  );
}
