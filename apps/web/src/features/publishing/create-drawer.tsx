import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import * as z from 'zod';
import { CreatePublicationInput } from '@tidemark/core/publications/contract';
import { toFailure } from '../../lib/failure.ts';
import { client, trpc } from '../../lib/trpc.ts';
import { wallTimeToIso } from '../../lib/zone.ts';
import { Button } from '../../ui/button.tsx';
import { Drawer, DrawerClose } from '../../ui/drawer.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { useZone } from '../../ui/time.tsx';
import { notify } from '../../ui/toast.tsx';
import { useUnsaved } from '../../ui/unsaved.tsx';
import { platformName } from './looks.ts';
import { refreshPublishing } from './queries.ts';

const EMPTY = { clip_id: '', platform: 'instagram', social_account_id: '', campaign_id: '', scheduled_for: '' };
type Draft = typeof EMPTY;
type Problems = Partial<Record<keyof Draft, string>>;

/** What the fields say. A time left empty is no time at all: the server decides what now is. */
function readDraft(draft: Draft, timeZone: string): { input: CreatePublicationInput } | { problems: Problems } {
  const { campaign_id, scheduled_for, ...rest } = draft;
  const at = scheduled_for === '' ? undefined : wallTimeToIso(scheduled_for, timeZone);
  if (at === null) return { problems: { scheduled_for: 'is not a time of this zone' } };
  const given = { ...rest, ...(campaign_id === '' ? {} : { campaign_id }), ...(at === undefined ? {} : { scheduled_for: at }) };
  const parsed = CreatePublicationInput.safeParse(given);
  if (parsed.success) return { input: parsed.data };
  const errors: Partial<Record<string, string[]>> = z.flattenError(parsed.error).fieldErrors;
  return { problems: Object.fromEntries(Object.entries(errors).map(([key, messages]) => [key, messages?.[0]])) };
}

interface FieldsProps {
  draft: Draft;
  problems: Problems;
  onChange(change: Partial<Draft>): void;
}

/** The campaigns that take publications, by name. */
function CampaignField({ value, error, onChange }: { value: string; error: string | undefined; onChange(id: string): void }) {
  const campaigns = useQuery(trpc.publishing.campaigns.list.queryOptions({ limit: 200 }));
  const open = (campaigns.data?.items ?? []).filter(({ status }) => status !== 'completed');
  return (
    <Field label="Campaign" error={error}>
      {(control) => (
        <Select
          {...control}
          value={value}
          options={[
            { value: '', label: 'None' },
            ...open.map(({ id, name, status }) => ({ value: id, label: status === 'active' ? name : `${name} (${status})` })),
          ]}
          onChange={onChange}
        />
      )}
    </Field>
  );
}

function Fields({ draft, problems, onChange: set }: FieldsProps) {
  const timeZone = useZone();
  const clips = useQuery(trpc.publishing.clips.list.queryOptions({ limit: 100 }));
  const accounts = useQuery(trpc.publishing.platforms.listAccounts.queryOptions({ limit: 100 }));
  const known = accounts.data?.items ?? [];
  return (
    <>
      <Field label="Clip" error={problems.clip_id}>
        {(control) => (
          <Select
            {...control}
            value={draft.clip_id}
            options={[
              { value: '', label: 'Choose a clip' },
              ...(clips.data?.items ?? []).map((clip) => ({ value: clip.id, label: clip.title })),
            ]}
            onChange={(clip_id) => set({ clip_id })}
          />
        )}
      </Field>
      <Field label="Account" error={problems.social_account_id} hint="Its platform is chosen with it.">
        {(control) => (
          <Select
            {...control}
            value={`${draft.platform}:${draft.social_account_id}`}
            options={[
              { value: 'instagram:', label: 'Choose an account' },
              ...known.map((account) => ({
                value: `${account.platform}:${account.id}`,
                label: `${platformName(account.platform)} · ${account.name ?? account.id}`,
              })),
            ]}
            onChange={(value) => {
              const [platform = '', ...id] = value.split(':');
              set({ platform, social_account_id: id.join(':') });
            }}
          />
        )}
      </Field>
      <Field label="Publish at" hint={`In ${timeZone}. Empty: now.`} error={problems.scheduled_for}>
        {(control) => (
          <input
            {...control}
            type="datetime-local"
            className="field w-56"
            value={draft.scheduled_for}
            onChange={(event) => set({ scheduled_for: event.target.value })}
          />
        )}
      </Field>
      <CampaignField value={draft.campaign_id} error={problems.campaign_id} onChange={(campaign_id) => set({ campaign_id })} />
    </>
  );
}

function Form({ onDone }: { onDone(): void }) {
  const timeZone = useZone();
  const [draft, setDraft] = useState(EMPTY);
  const unsaved = useUnsaved(draft);
  const [problems, setProblems] = useState<Problems>({});
  const create = useMutation({
    mutationFn: (input: CreatePublicationInput) => client.publishing.publications.create.mutate(input),
    onSuccess: async () => {
      unsaved.settle();
      notify({ title: 'It is in the queue' });
      await refreshPublishing();
      onDone();
    },
  });
  return (
    <form
      noValidate
      className="flex min-h-0 flex-1 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        const read = readDraft(draft, timeZone);
        setProblems('problems' in read ? read.problems : {});
        if ('input' in read) create.mutate(read.input);
      }}
    >
      <div className="flex flex-1 flex-col gap-4 overflow-y-auto px-5 py-4">
        {create.error !== null && <FailureStrip what="Nothing was created." failure={toFailure(create.error)} />}
        <Fields draft={draft} problems={problems} onChange={(change) => setDraft({ ...draft, ...change })} />
      </div>
      <footer className="flex justify-end gap-2 border-t border-line px-5 py-3">
        <DrawerClose />
        <Button type="submit" variant="primary" disabled={create.isPending}>
          {draft.scheduled_for === '' ? 'Publish now' : 'Schedule'}
        </Button>
      </footer>
      {unsaved.question}
    </form>
  );
}

export function CreateDrawer({ isOpen, onClose }: { isOpen: boolean; onClose(): void }) {
  return (
    <Drawer title="Publish a clip" isOpen={isOpen} onClose={onClose}>
      {isOpen && <Form onDone={onClose} />}
    </Drawer>
  );
}
