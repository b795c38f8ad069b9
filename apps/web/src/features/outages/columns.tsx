import { Link } from '@tanstack/react-router';
import type { Outage } from '@tidemark/core/outages/contract';
import { formatCount } from '../../lib/format.ts';
import type { Column } from '../../ui/data-table.tsx';
import { OUTAGE_LOOK, Status } from '../../ui/status.tsx';
import { Elapsed, Moment } from '../../ui/time.tsx';

function Identity({ outage }: { outage: Outage }) {
  return (
    <div className="flex min-w-0 flex-col">
      <Link to="/incidents/$id" params={{ id: outage.id }} className="link w-fit font-medium text-ink">
        {outage.test_name}
      </Link>
      <span className="max-w-[14rem] truncate text-xs text-ink-mute sm:max-w-[28rem]" title={outage.error ?? ''}>
        {outage.error ?? (outage.withheld === undefined ? 'no error was told' : 'its error is withheld from you')}
      </span>
    </div>
  );
}

export const OUTAGE_COLUMNS: readonly Column<Outage>[] = [
  { id: 'status', header: 'State', className: 'w-36', cell: (row) => <Status look={OUTAGE_LOOK[row.status]} /> },
  { id: 'monitor', header: 'Monitor and last error', cell: (row) => <Identity outage={row} /> },
  { id: 'failed', header: 'Failed runs', className: 'hidden text-right md:table-cell', cell: (row) => formatCount(row.failed_runs) },
  {
    id: 'duration',
    header: 'Down for',
    className: 'hidden text-right sm:table-cell',
    cell: (row) => <Elapsed ms={row.duration_ms} since={row.opened_at} />,
  },
  { id: 'opened', header: 'Opened', className: 'hidden text-right sm:table-cell', cell: (row) => <Moment at={row.opened_at} /> },
  {
    id: 'by',
    header: 'Acknowledged by',
    className: 'hidden lg:table-cell',
    cell: (row) => (
      <span className={row.acknowledged_by === null ? 'text-ink-mute' : ''}>
        {row.acknowledged_by_name ?? row.acknowledged_by ?? 'nobody'}
      </span>
    ),
  },
  {
    id: 'told',
    header: 'Told',
    className: 'hidden xl:table-cell',
    cell: (row) => (
      <span className={row.alert_sent ? '' : 'text-ink-mute'}>{row.is_suppressed ? 'held back' : row.alert_sent ? 'yes' : 'no'}</span>
    ),
  },
];
