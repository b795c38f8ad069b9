import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Attempt } from '@tidemark/core/workloads/contract';
import { shortId, UNKNOWN } from '../../lib/format.ts';
import { cn } from '../../ui/class-names.ts';
import { DataTable, ROOMY } from '../../ui/data-table.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { Panel } from '../../ui/page.tsx';
import { OUTCOME_LOOK, Status, STATUS_LOOK } from '../../ui/status.tsx';
import { Elapsed, Moment } from '../../ui/time.tsx';

interface Row extends Attempt {
  /** Place among all: the attempt's own number starts over with a retry. */
  ordinal: number;
}

const COLUMNS: readonly Column<Row>[] = [
  { id: 'attempt', header: '#', className: 'w-10 text-right', cell: (row) => row.ordinal },
  {
    id: 'outcome',
    header: 'Outcome',
    cell: (row) => <Status look={row.outcome === null ? STATUS_LOOK.running : OUTCOME_LOOK[row.outcome]} />,
  },
  { id: 'exit', header: 'Exit', cell: (row) => row.signal ?? row.exit_code ?? UNKNOWN },
  {
    id: 'error',
    header: 'Error',
    className: cn('hidden sm:table-cell', ROOMY, 'min-w-40'),
    cell: (row) =>
      row.error === null ? null : (
        <span className="block truncate text-red" title={row.error}>
          {row.error.split('\n')[0]}
        </span>
      ),
  },
  {
    id: 'duration',
    header: 'Duration',
    className: 'text-right whitespace-nowrap',
    cell: (row) => <Elapsed ms={row.duration_ms} since={row.outcome === null ? row.started_at : null} />,
  },
  {
    id: 'worker',
    header: 'Worker',
    className: 'hidden md:table-cell',
    cell: (row) =>
      row.worker_id === null ? (
        UNKNOWN
      ) : (
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
  { id: 'started', header: 'Started', className: 'hidden text-right md:table-cell', cell: (row) => <Moment at={row.started_at} /> },
];

export function AttemptsTable({ attempts }: { attempts: Attempt[] }) {
  const rows = useMemo(() => attempts.map((attempt, index) => ({ ...attempt, ordinal: index + 1 })), [attempts]);
  return (
    <Panel title="Attempts" aside={attempts.length > 1 ? `${attempts.length} in all` : undefined}>
      {attempts.length === 0 ? (
        <p className="px-4 py-4 text-sm text-ink-soft">No worker has started it yet.</p>
      ) : (
        <DataTable caption="Attempts, first to last" columns={COLUMNS} rows={rows} getRowId={(row) => String(row.ordinal)} />
      )}
    </Panel>
  );
}
