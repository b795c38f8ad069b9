import { useMutation, useQuery } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
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

function refreshKeys(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: trpc.keys.pathKey() });
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
  if (row.revoked_at !== null) return null;
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

function State({ row }: { row: ApiKey }) {
  if (row.revoked_at !== null) {
    return (
      <span className="text-ink-mute">
        revoked <Moment at={row.revoked_at} />
      </span>
    );
  }
  if (row.expires_at === null) return <span>does not expire</span>;
  return (
    <span>
      until <Moment at={row.expires_at} />
    </span>
  );
}

const COLUMNS: readonly Column<ApiKey>[] = [
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
  { id: 'role', header: 'Role', className: 'w-28', cell: (row) => row.role },
  { id: 'used', header: 'Last used', className: 'hidden sm:table-cell', cell: (row) => <Moment at={row.last_used_at} /> },
  { id: 'made', header: 'Created', className: 'hidden md:table-cell', cell: (row) => <Moment at={row.created_at} /> },
  { id: 'state', header: 'Works', className: 'hidden sm:table-cell', cell: (row) => <State row={row} /> },
  { id: 'actions', header: 'Actions', className: 'text-right', cell: (row) => <Revoke row={row} /> },
];

export function KeysPage() {
  const [isMaking, setMaking] = useState(false);
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
              <DataTable caption="API keys, newest first" columns={COLUMNS} rows={data.items} getRowId={(row) => row.id} />
            )
          }
        </Loaded>
      </section>
      <Drawer title="New API key" isOpen={isMaking} onClose={() => setMaking(false)}>
        <KeyForm isFirst={isOpen} onDone={() => setMaking(false)} onMade={refreshKeys} />
      </Drawer>
    </SettingsPage>
  );
}
