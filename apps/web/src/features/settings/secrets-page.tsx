import { useMutation, useQuery } from '@tanstack/react-query';
import { LockKeyhole, Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { MIN_SECRET_CHARS } from '@tidemark/core/secrets/contract';
import type { Secret } from '@tidemark/core/secrets/contract';
import { toFailure } from '../../lib/failure.ts';
import { useMay } from '../../lib/session.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { Drawer } from '../../ui/drawer.tsx';
import { Empty, FailureStrip } from '../../ui/notice.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { Moment } from '../../ui/time.tsx';
import { notify } from '../../ui/toast.tsx';
import { useUnsaved } from '../../ui/unsaved.tsx';
import { FormFrame, problemOf } from './form-frame.tsx';
import { SettingsPage } from './layout.tsx';
import { Loaded } from './loaded.tsx';

const referenceTo = (name: string): string => `{{secret.${name}}}`;
const refresh = (): Promise<void> => queryClient.invalidateQueries({ queryKey: trpc.secrets.pathKey() });

function Delete({ name }: { name: string }) {
  const remove = useMutation({
    mutationFn: () => client.secrets.delete.mutate({ name }),
    onSuccess: async () => {
      notify({ title: `${name} is deleted` });
      await refresh();
    },
    onError: (error) => notify({ title: `${name} is still there`, detail: toFailure(error).message, tone: 'red' }),
  });
  return (
    <Confirm
      trigger={
        <Button size="small" aria-label={`Delete ${name}`} disabled={remove.isPending}>
          Delete
        </Button>
      }
      title={`Delete ${name}?`}
      action="Delete the secret"
      dismiss="Keep it"
      isDangerous
      onConfirm={() => remove.mutate()}
    >
      Its value is gone for good, and what refers to {referenceTo(name)} fails from the next run on.
    </Confirm>
  );
}

/** Sets a value, which nobody can read here again; of a known name, it replaces the old one. */
function SecretForm({ known, onDone }: { known: string | null; onDone(): void }) {
  const [name, setName] = useState(known ?? '');
  const [value, setValue] = useState('');
  const unsaved = useUnsaved({ name, value });
  const save = useMutation({
    mutationFn: () => client.secrets.set.mutate({ name, value }),
    onSuccess: async () => {
      unsaved.settle();
      notify({ title: known === null ? `${name} is sealed` : `${name} has a new value` });
      await refresh();
      onDone();
    },
  });
  const failure = save.error === null ? null : toFailure(save.error);
  return (
    <FormFrame
      action={known === null ? 'Add the secret' : 'Replace the value'}
      isPending={save.isPending}
      unsaved={unsaved}
      onSubmit={() => save.mutate()}
    >
      {failure !== null && <FailureStrip what="Nothing was saved." failure={failure} />}
      <TextField
        label="Name"
        hint="Capital letters, digits and _, such as API_TOKEN."
        error={problemOf(failure, 'name')}
        required
        maxLength={64}
        readOnly={known !== null}
        spellCheck={false}
        autoComplete="off"
        className="font-mono"
        value={name}
        onChange={(text) => setName(text.toUpperCase())}
      />
      <TextField
        label="Value"
        hint={`At least ${MIN_SECRET_CHARS} characters. It is sealed before it is stored and never shown again.`}
        error={problemOf(failure, 'value')}
        required
        minLength={MIN_SECRET_CHARS}
        type="password"
        autoComplete="new-password"
        className="font-mono"
        value={value}
        onChange={setValue}
      />
    </FormFrame>
  );
}

function columns(onReplace: ((name: string) => void) | null): readonly Column<Secret>[] {
  return [
    {
      id: 'name',
      header: 'Secret',
      cell: (row) => (
        <span className="flex min-w-0 items-center gap-1">
          <span className="font-mono text-xs font-medium break-all">{row.name}</span>
          <CopyButton value={referenceTo(row.name)} label={`Copy the reference to ${row.name}`} />
        </span>
      ),
    },
    { id: 'updated', header: 'Set', className: 'hidden sm:table-cell', cell: (row) => <Moment at={row.updated_at} /> },
    { id: 'created', header: 'Created', className: 'hidden md:table-cell', cell: (row) => <Moment at={row.created_at} /> },
    { id: 'key', header: 'Sealed with', className: 'hidden font-mono text-xs lg:table-cell', cell: (row) => row.key_id },
    ...(onReplace === null
      ? []
      : [
          {
            id: 'actions',
            header: 'Actions',
            className: 'text-right',
            cell: (row: Secret) => (
              <span className="flex flex-wrap justify-end gap-1.5">
                <Button size="small" aria-label={`Replace ${row.name}`} onClick={() => onReplace(row.name)}>
                  Replace
                </Button>
                <Delete name={row.name} />
              </span>
            ),
          },
        ]),
  ];
}

/** Names only: values go in here and never come out. */
export function SecretsPage() {
  const isAdmin = useMay('admin');
  const [form, setForm] = useState<{ known: string | null } | null>(null);
  const query = useQuery(trpc.secrets.list.queryOptions({}));
  const shown = useMemo(() => columns(isAdmin ? (known) => setForm({ known }) : null), [isAdmin]);
  const close = (): void => setForm(null);
  const known = form?.known ?? null;
  return (
    <SettingsPage
      title="Secrets"
      lead="Payloads, monitor steps and connectors refer to one as {{secret.NAME}}. Values are never shown."
      actions={
        isAdmin && (
          <Button variant="primary" onClick={() => setForm({ known: null })}>
            <Plus aria-hidden className="size-4" /> New secret
          </Button>
        )
      }
    >
      <section aria-label="Secrets" className="panel overflow-hidden">
        <Loaded query={query}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty title="There is no secret yet">
                <LockKeyhole aria-hidden className="size-5 text-ink-mute" />
                <p>Keep tokens and passwords here instead of in payloads, where everybody who may read a workload would see them.</p>
              </Empty>
            ) : (
              <DataTable caption="Secrets, by name" columns={shown} rows={data.items} getRowId={(row) => row.name} />
            )
          }
        </Loaded>
      </section>
      <Drawer title={known === null ? 'New secret' : `New value of ${known}`} isOpen={form !== null} onClose={close}>
        {form !== null && <SecretForm known={known} onDone={close} />}
      </Drawer>
    </SettingsPage>
  );
}
