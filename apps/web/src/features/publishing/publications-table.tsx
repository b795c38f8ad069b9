import { Link } from '@tanstack/react-router';
import type { Publication } from '@tidemark/core/publications/contract';
import { shortId } from '../../lib/format.ts';
import { DataTable, type Column } from '../../ui/data-table.tsx';
import { Status } from '../../ui/status.tsx';
import { Moment } from '../../ui/time.tsx';
import { publicationLook } from './looks.ts';
import { RetryButton } from './retry.tsx';

/** The one line that says most of a publication: why it waits, or why it failed. */
function Reason({ row }: { row: Publication }) {
  const text = row.wait_reason ?? row.error ?? row.external_id ?? '';
  return (
    <span className="block max-w-96 truncate text-ink-soft" title={text}>
      {text}
    </span>
  );
}

const COLUMNS: readonly Column<Publication>[] = [
  { id: 'state', header: 'State', className: 'w-36', cell: (row) => <Status look={publicationLook(row)} /> },
  {
    id: 'publication',
    header: 'Publication',
    cell: (row) => (
      <span className="flex min-w-0 flex-col">
        <Link to="/publishing/queue/$id" params={{ id: row.id }} className="link font-mono text-xs text-ink">
          {shortId(row.id)}
        </Link>
        <span className="text-xs text-ink-mute md:hidden">
          {row.platform} · {row.social_account_id}
        </span>
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
          {row.platform}
        </Link>{' '}
        <span className="text-ink-mute">{row.social_account_id}</span>
      </span>
    ),
  },
  { id: 'reason', header: 'Waits for, or failed with', className: 'hidden lg:table-cell', cell: (row) => <Reason row={row} /> },
  { id: 'attempt', header: 'Attempts', className: 'hidden text-right xl:table-cell', cell: (row) => row.attempt },
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
