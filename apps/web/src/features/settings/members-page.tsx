import { useMutation, useQuery } from '@tanstack/react-query';
import { UserPlus } from 'lucide-react';
import { useState } from 'react';
import { USER_ROLES } from '@tidemark/core/users/contract';
import type { User } from '@tidemark/core/users/contract';
import { toFailure } from '../../lib/failure.ts';
import { useSession } from '../../lib/session.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { Drawer } from '../../ui/drawer.tsx';
import { Select } from '../../ui/field.tsx';
import { Empty } from '../../ui/notice.tsx';
import { Moment } from '../../ui/time.tsx';
import { notify } from '../../ui/toast.tsx';
import { SettingsPage } from './layout.tsx';
import { Loaded } from './loaded.tsx';
import { MemberForm, PasswordForm } from './member-form.tsx';

type Change = Parameters<typeof client.users.update.mutate>[0];

function refreshUsers(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: trpc.users.pathKey() });
}

function useChange(row: User) {
  return useMutation({
    mutationFn: (change: Omit<Change, 'id' | 'version'>) => client.users.update.mutate({ id: row.id, version: row.version, ...change }),
    onSuccess: () => notify({ title: `${row.email} is changed` }),
    onError: (error) => notify({ title: `${row.email} is as before`, detail: toFailure(error).message, tone: 'red' }),
    onSettled: refreshUsers,
  });
}

function RoleOf({ row }: { row: User }) {
  const change = useChange(row);
  return (
    <Select
      aria-label={`Role of ${row.email}`}
      className="h-8 w-32"
      disabled={change.isPending || row.disabled_at !== null}
      options={USER_ROLES.map((value) => ({ value, label: value }))}
      value={row.role}
      onChange={(value) => change.mutate({ role: USER_ROLES.find((known) => known === value) ?? row.role })}
    />
  );
}

function Actions({ row, onPassword }: { row: User; onPassword(user: User): void }) {
  const change = useChange(row);
  const isDisabled = row.disabled_at !== null;
  return (
    <span className="flex justify-end gap-1.5">
      <Button size="small" aria-label={`Set the password of ${row.email}`} onClick={() => onPassword(row)}>
        Password
      </Button>
      {isDisabled ? (
        <Button
          size="small"
          aria-label={`Enable ${row.email}`}
          disabled={change.isPending}
          onClick={() => change.mutate({ is_disabled: false })}
        >
          Enable
        </Button>
      ) : (
        <Confirm
          trigger={
            <Button size="small" aria-label={`Disable ${row.email}`} disabled={change.isPending}>
              Disable
            </Button>
          }
          title={`Disable ${row.email}?`}
          action="Disable the account"
          dismiss="Keep it"
          isDangerous
          onConfirm={() => change.mutate({ is_disabled: true })}
        >
          Every session ends at once, live views within seconds. What was done stays in the log, and the account can be enabled again.
        </Confirm>
      )}
    </span>
  );
}

function columnsFor(me: string | undefined, onPassword: (user: User) => void): readonly Column<User>[] {
  return [
    {
      id: 'who',
      header: 'Person',
      cell: (row) => (
        <span className="flex flex-col">
          <span className={row.disabled_at === null ? 'font-medium' : 'text-ink-mute line-through'}>
            {row.name ?? row.email} {row.id === me && <Chip>You</Chip>}
          </span>
          {row.name !== null && <span className="text-xs text-ink-mute">{row.email}</span>}
        </span>
      ),
    },
    { id: 'role', header: 'Role', cell: (row) => <RoleOf row={row} /> },
    { id: 'seen', header: 'Last sign-in', className: 'hidden md:table-cell', cell: (row) => <Moment at={row.last_sign_in_at} /> },
    { id: 'actions', header: 'Actions', className: 'text-right', cell: (row) => <Actions row={row} onPassword={onPassword} /> },
  ];
}

export function MembersPage() {
  const [isAdding, setAdding] = useState(false);
  const [passwordOf, setPasswordOf] = useState<User | null>(null);
  const session = useSession();
  const query = useQuery(trpc.users.list.queryOptions({ limit: 500 }));
  return (
    <SettingsPage
      title="Members"
      lead="People who sign in with e-mail and password."
      actions={
        <Button variant="primary" onClick={() => setAdding(true)}>
          <UserPlus aria-hidden className="size-4" /> Add a person
        </Button>
      }
    >
      <section aria-label="Members" className="panel overflow-hidden">
        <Loaded query={query}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty title="Nobody has an account">
                <p>
                  This server is open to everybody on this machine. With the first account, which is an administrator, everybody signs in.
                </p>
              </Empty>
            ) : (
              <DataTable
                caption="Members, newest first"
                columns={columnsFor(session.data?.user?.id, setPasswordOf)}
                rows={data.items}
                getRowId={(row) => row.id}
              />
            )
          }
        </Loaded>
      </section>
      <Drawer title="Add a person" isOpen={isAdding} onClose={() => setAdding(false)}>
        <MemberForm isFirst={session.data?.is_setup_needed ?? false} onDone={() => setAdding(false)} onSaved={refreshUsers} />
      </Drawer>
      <Drawer title={`Password of ${passwordOf?.email ?? ''}`} isOpen={passwordOf !== null} onClose={() => setPasswordOf(null)}>
        {passwordOf !== null && <PasswordForm user={passwordOf} onDone={() => setPasswordOf(null)} />}
      </Drawer>
    </SettingsPage>
  );
}
