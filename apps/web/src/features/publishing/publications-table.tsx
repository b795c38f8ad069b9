import { Link } from '@tanstack/react-router';
import type { Publication } from '@tidemark/core/publications/contract';
import { shortId } from '../../lib/format.ts';
import { cn } from '../../ui/class-names.ts';
import { DataTable, ROOMY, type Column } from '../../ui/data-table.tsx';
import { Status } from '../../ui/status.tsx';
import { Moment, useTimesIn } from '../../ui/time.tsx';
import { platformName, publicationLook } from './looks.ts';
import { RetryButton } from './retry.tsx';

/** The one line that says most of a publication: why it waits, or why it failed. */
function Reason({ row }: { row: Publication }) {
  const text = useTimesIn(row.wait_reason ?? row.error ?? row.external_id ?? '');
  return (
    <span className="block truncate text-ink-soft" title={text}>
      {text}
    </span>
  );
}

const COLUMNS: readonly Column<Publication>[] = [
  { id: 'state', header: 'State', className: 'w-36 max-sm:w-auto max-sm:pr-0', cell: (row) => <Status look={publicationLook(row)} /> },
  {
    id: 'publication',
    header: 'Publication',
    cell: (row) => (
      <span className="flex min-w-0 flex-col">
        <Link to="/publishing/queue/$id" params={{ id: row.id }} className="link font-mono text-xs whitespace-nowrap text-ink">
          {shortId(row.id)}
        </Link>
        <span className="text-xs text-ink-mute md:hidden">
          {platformName(row.platform)} · {row.social_account_id}
        </span>
        <Moment at={row.due_at} className="text-xs text-ink-mute sm:hidden" />
      </span>
    ),
  },
  {
    id: 'platform',
    header: 'Platform and account',
    className: 'hidden md:table-cell',
    cell: (row) => (
      <span className="whitespace-nowrap">
        <Link to="/publishing/platforms/$platform" params={{ platform: row.platform_key }} className="link text-ink">
          {platformName(row.platform)}
        </Link>{' '}
        <span className="text-ink-mute">{row.social_account_id}</span>
      </span>
    ),
  },
  {
    id: 'reason',
    header: 'Waits for, or failed with',
    className: cn('hidden lg:table-cell', ROOMY, 'min-w-24'),
    cell: (row) => <Reason row={row} />,
  },
  { id: 'attempt', header: 'Attempts', className: 'hidden text-right 2xl:table-cell', cell: (row) => row.attempt },
  { id: 'due', header: 'Due', className: 'hidden sm:table-cell', cell: (row) => <Moment at={row.due_at} /> },
  {
    id: 'actions',
    header: 'Actions',
    className: 'text-right',
    cell: (row) => (row.status === 'failed' || row.status === 'cancelled' ? <RetryButton publication={row} size="small" /> : null),
  },
];

export function PublicationsTable({ caption, rows }: { caption: string; rows: Publication[] }) {
  return <DataTable caption={caption} columns={COLUMNS} rows={rows} getRowId={(row) => row.id} />;
}
