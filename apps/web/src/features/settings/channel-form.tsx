import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { CHANNEL_TYPES } from '@tidemark/core/alerts/contract';
import type { ChannelType } from '@tidemark/core/alerts/contract';
import { toFailure } from '../../lib/failure.ts';
import { client } from '../../lib/trpc.ts';
import { Segments } from '../../ui/field.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { notify } from '../../ui/toast.tsx';
import { useUnsaved } from '../../ui/unsaved.tsx';
import { FormFrame } from './form-frame.tsx';

interface Input {
  key: string;
  label: string;
  hint?: string;
  type?: string;
  isOptional?: boolean;
}

const NAMES: Record<ChannelType, string> = { webhook: 'Webhook', email: 'E-mail', slack: 'Slack', discord: 'Discord' };
const URL_INPUT: Input = { key: 'url', label: 'Address', type: 'url' };
const INPUTS: Record<ChannelType, readonly Input[]> = {
  webhook: [
    URL_INPUT,
    {
      key: 'secret',
      label: 'Secret',
      hint: 'Signs every notice, as Standard Webhooks say. It is never shown again.',
      type: 'password',
      isOptional: true,
    },
  ],
  slack: [URL_INPUT],
  discord: [URL_INPUT],
  email: [
    { key: 'to', label: 'To', hint: 'Several addresses with commas between.' },
    { key: 'from', label: 'From', type: 'email' },
    { key: 'host', label: 'SMTP server' },
    { key: 'port', label: 'Port', hint: '587 unless told.', isOptional: true },
    { key: 'user', label: 'User', isOptional: true },
    { key: 'password', label: 'Password', type: 'password', isOptional: true },
  ],
};

/** What the API takes: numbers as numbers, lists as lists, empty fields left out. */
function configOf(type: ChannelType, draft: Record<string, string>): Record<string, unknown> {
  const entries = INPUTS[type].flatMap(({ key }): [string, unknown][] => {
    const value = (draft[key] ?? '').trim();
    if (value === '') return [];
    if (key === 'to') return [[key, value.split(',').map((address) => address.trim())]];
    if (key === 'port')
      return [
        [key, Number(value)],
        ['secure', Number(value) === 465],
      ];
    return [[key, value]];
  });
  return Object.fromEntries(entries);
}

export function ChannelForm({ onDone, onSaved }: { onDone(): void; onSaved(): Promise<void> }) {
  const [name, setName] = useState('');
  const [type, setType] = useState<ChannelType>('webhook');
  const [draft, setDraft] = useState<Record<string, string>>({});
  const unsaved = useUnsaved({ name, draft });
  const create = useMutation({
    mutationFn: () => client.channels.create.mutate({ name, type, config: configOf(type, draft) }),
    onSuccess: async () => {
      unsaved.settle();
      notify({ title: `${name} is added`, detail: 'Send a test to see that it arrives.' });
      await onSaved();
      onDone();
    },
  });
  const failure = create.error === null ? null : toFailure(create.error);
  const problem = (field: string): string | undefined =>
    failure?.issues.find(({ path }) => path === field || path === `config.${field}` || path.startsWith(`config.${field}.`))?.message;
  return (
    <FormFrame action="Add the channel" isPending={create.isPending} unsaved={unsaved} onSubmit={() => create.mutate()}>
      {failure !== null && <FailureStrip what="No channel was added." failure={failure} />}
      <Segments<ChannelType>
        label="Kind of channel"
        value={type}
        options={CHANNEL_TYPES.map((value) => ({ value, label: NAMES[value] }))}
        onChange={(value) => setType(value)}
      />
      <TextField label="Name" error={problem('name')} required maxLength={128} value={name} onChange={setName} />
      {INPUTS[type].map((input) => (
        <TextField
          key={`${type} ${input.key}`}
          label={input.label}
          hint={input.hint}
          error={problem(input.key)}
          type={input.type ?? 'text'}
          required={input.isOptional !== true}
          autoComplete="off"
          value={draft[input.key] ?? ''}
          onChange={(text) => setDraft({ ...draft, [input.key]: text })}
        />
      ))}
    </FormFrame>
  );
}
