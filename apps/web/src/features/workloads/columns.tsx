import { Link } from '@tanstack/react-router';
import type { WorkloadSummary } from '@tidemark/core/workloads/contract';
import { formatCount, shortId } from '../../lib/format.ts';
import { Labels } from '../../ui/chip.tsx';
import { cn } from '../../ui/class-names.ts';
import { ROOMY } from '../../ui/data-table.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { Status, workloadLook } from '../../ui/status.tsx';
import { Elapsed, Moment } from '../../ui/time.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';

function Identity({ row }: { row: WorkloadSummary }) {
  return (
    <div className="flex min-w-0 flex-col">
      <div className="flex min-w-0 items-center gap-2">
        <Link
          to="/workloads/$id"
          params={{ id: row.id }}
          title={row.id}
          className="rounded-sm font-mono text-xs whitespace-nowrap text-ink underline decoration-line-strong decoration-1 underline-offset-3 hover:decoration-current"
        >
          {shortId(row.id)}
        </Link>
        <span className="hidden min-w-0 gap-1 overflow-hidden xl:flex">
          <Labels labels={row.labels} max={2} />
        </span>
      </div>
      <Outcome row={row} />
      <span className="flex flex-wrap gap-x-2 text-xs text-ink-mute md:hidden">
        <span>{row.kind}</span>
        <Moment at={row.created_at} />
      </span>
    </div>
  );
}

/** The second line: why it failed, or how far it is. */
function Outcome({ row }: { row: WorkloadSummary }) {
  if (row.status === 'failed' && row.error !== null) {
    return (
      <span className="truncate text-xs text-red" title={row.error}>
        {row.error.split('\n')[0]}
      </span>
    );
  }
  if (row.status === 'running' && row.progress?.total !== undefined) return <ProgressBar progress={row.progress} isCompact />;
  return null;
}

export const WORKLOAD_COLUMNS: readonly Column<WorkloadSummary>[] = [
  { id: 'status', header: 'Status', className: 'w-36', cell: (row) => <Status look={workloadLook(row.status, row.status_reason)} /> },
  { id: 'id', header: 'Workload', className: cn(ROOMY, 'min-w-40 sm:min-w-56'), cell: (row) => <Identity row={row} /> },
  { id: 'kind', header: 'Kind', className: 'hidden whitespace-nowrap md:table-cell', cell: (row) => row.kind },
  { id: 'queue', header: 'Queue', className: 'hidden lg:table-cell', cell: (row) => row.queue },
  { id: 'isolation', header: 'Isolation', className: 'hidden xl:table-cell', cell: (row) => row.isolation },
  {
    id: 'worker',
    header: 'Worker',
    className: 'hidden xl:table-cell',
    cell: (row) =>
      row.worker_id === null ? null : (
        <Link
          to="/workers/$id"
          params={{ id: row.worker_id }}
          title={row.worker_id}
          className="rounded-sm font-mono text-xs whitespace-nowrap text-ink-soft hover:text-ink hover:underline"
        >
          {shortId(row.worker_id)}
        </Link>
      ),
  },
  {
    id: 'attempt',
    header: 'Attempt',
    className: 'hidden text-right whitespace-nowrap lg:table-cell',
    cell: (row) =>
      row.attempt === 0 ? (
        <span className="text-ink-mute">—</span>
      ) : (
        <span>
          {formatCount(row.attempt)} of {formatCount(row.max_attempts)}
        </span>
      ),
  },
  {
    id: 'duration',
    header: 'Duration',
    className: 'hidden text-right whitespace-nowrap sm:table-cell',
    cell: (row) => <Elapsed ms={row.duration_ms} since={row.status === 'running' ? row.started_at : null} />,
  },
  { id: 'created', header: 'Created', className: 'hidden text-right md:table-cell', cell: (row) => <Moment at={row.created_at} /> },
];
