import { useMutation, useQuery } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { ApiKey } from '@tidemark/core/access/contract';
import { toFailure } from '../../lib/failure.ts';
import { useSession } from '../../lib/session.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { Drawer } from '../../ui/drawer.tsx';
import { Empty, WarningStrip } from '../../ui/notice.tsx';
import { Moment } from '../../ui/time.tsx';
import { notify } from '../../ui/toast.tsx';
import { KeyForm } from './key-form.tsx';
import { SettingsPage } from './layout.tsx';
import { Loaded } from './loaded.tsx';
import { RotateForm } from './rotate-form.tsx';

function refreshKeys(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: trpc.keys.pathKey() });
}

function Actions({ row, onRotate }: { row: ApiKey; onRotate(row: ApiKey): void }) {
  if (row.revoked_at !== null) return null;
  return (
    <span className="flex flex-wrap justify-end gap-1.5">
      {row.replaced_by === null && (
        <Button size="small" aria-label={`Rotate ${row.name}`} onClick={() => onRotate(row)}>
          Rotate
        </Button>
      )}
      <Revoke row={row} />
    </span>
  );
}

function Revoke({ row }: { row: ApiKey }) {
  const revoke = useMutation({
    mutationFn: () => client.keys.revoke.mutate({ id: row.id }),
    onSuccess: async () => {
      notify({ title: `${row.name} is revoked` });
      await refreshKeys();
    },
    onError: (error) => notify({ title: `${row.name} still works`, detail: toFailure(error).message, tone: 'red' }),
  });
  return (
    <Confirm
      trigger={
        <Button size="small" aria-label={`Revoke ${row.name}`} disabled={revoke.isPending}>
          Revoke
        </Button>
      }
      title={`Revoke ${row.name}?`}
      action="Revoke the key"
      dismiss="Keep it"
      isDangerous
      onConfirm={() => revoke.mutate()}
    >
      Whoever uses it is refused from the next call on, and live views with it end within seconds. It cannot be undone.
    </Confirm>
  );
}

/** What its role may do, and where a key may not. */
function May({ row }: { row: ApiKey }) {
  const limits = [
    ...(row.queues === null ? [] : [`queues ${row.queues.join(', ')}`]),
    ...(row.kinds === null ? [] : [`kinds ${row.kinds.join(', ')}`]),
    ...(row.sees_payloads ? [] : ['no payloads']),
  ].join('; ');
  return (
    <span className="flex min-w-0 flex-col">
      <span>{row.role}</span>
      {limits !== '' && (
        <span className="max-w-56 truncate text-xs text-ink-mute" title={limits}>
          {limits}
        </span>
      )}
    </span>
  );
}

function State({ row }: { row: ApiKey }) {
  if (row.revoked_at !== null) {
    return (
      <span className="text-ink-mute">
        revoked <Moment at={row.revoked_at} />
      </span>
    );
  }
  if (row.expires_at === null) return <span>does not expire</span>;
  if (row.replaced_by !== null) {
    return (
      <span className="text-ink-mute">
        replaced, until <Moment at={row.expires_at} />
      </span>
    );
  }
  return (
    <span>
      until <Moment at={row.expires_at} />
    </span>
  );
}

const columns = (onRotate: (row: ApiKey) => void): readonly Column<ApiKey>[] => [
  {
    id: 'name',
    header: 'Key',
    cell: (row) => (
      <span className="flex flex-col">
        <span className={row.revoked_at === null ? 'font-medium' : 'text-ink-mute line-through'}>{row.name}</span>
        <span className="font-mono text-2xs text-ink-mute">{row.id}</span>
      </span>
    ),
  },
  { id: 'role', header: 'May', cell: (row) => <May row={row} /> },
  { id: 'used', header: 'Last used', className: 'hidden sm:table-cell', cell: (row) => <Moment at={row.last_used_at} /> },
  { id: 'made', header: 'Created', className: 'hidden md:table-cell', cell: (row) => <Moment at={row.created_at} /> },
  { id: 'state', header: 'Works', className: 'hidden sm:table-cell', cell: (row) => <State row={row} /> },
  { id: 'actions', header: 'Actions', className: 'text-right', cell: (row) => <Actions row={row} onRotate={onRotate} /> },
];

export function KeysPage() {
  const [isMaking, setMaking] = useState(false);
  const [rotated, setRotated] = useState<ApiKey | null>(null);
  const shown = useMemo(() => columns(setRotated), []);
  const session = useSession();
  const query = useQuery(trpc.keys.list.queryOptions({ limit: 500 }));
  const isOpen = session.data?.state === 'open';
  return (
    <SettingsPage
      title="API keys"
      lead="Programs send one as a bearer token. A key is shown once and cannot be read again."
      actions={
        <Button variant="primary" onClick={() => setMaking(true)}>
          <Plus aria-hidden className="size-4" /> New key
        </Button>
      }
    >
      {isOpen && (
        <WarningStrip>
          This server is open to everybody on this machine. With the first key, which must be an administrator’s, it asks everybody to sign
          in or send one: make an account first, with the link that was printed at the start.
        </WarningStrip>
      )}
      <section aria-label="API keys" className="panel overflow-hidden">
        <Loaded query={query}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty title="There is no key yet">
                <KeyRound aria-hidden className="size-5 text-ink-mute" />
                <p>Workers, scripts and the command line need one as soon as somebody has to sign in.</p>
              </Empty>
            ) : (
              <DataTable caption="API keys, newest first" columns={shown} rows={data.items} getRowId={(row) => row.id} />
            )
          }
        </Loaded>
      </section>
      <Drawer title="New API key" isOpen={isMaking} onClose={() => setMaking(false)}>
        <KeyForm isFirst={isOpen} onDone={() => setMaking(false)} onMade={refreshKeys} />
      </Drawer>
      <Drawer title={`Rotate ${rotated?.name ?? 'the key'}`} isOpen={rotated !== null} onClose={() => setRotated(null)}>
        {rotated !== null && <RotateForm row={rotated} onDone={() => setRotated(null)} onMade={refreshKeys} />}
      </Drawer>
    </SettingsPage>
  );
}
