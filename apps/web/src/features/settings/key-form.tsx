import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ROLES } from '@tidemark/core/access/contract';
import type { CreateKeyOutput, Role } from '@tidemark/core/access/contract';
import { toFailure } from '../../lib/failure.ts';
import { serverNow } from '../../lib/clock.ts';
import { DAY_MS } from '../../lib/ranges.ts';
import { client } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { FailureStrip, WarningStrip } from '../../ui/notice.tsx';
import { TextField } from '../../ui/text-field.tsx';

const ROLE_WORDS: Record<Role, string> = {
  viewer: 'Viewer: reads',
  operator: 'Operator: also creates, cancels, retries, acknowledges',
  admin: 'Administrator: also keys, people and settings',
  worker: 'Worker: agent calls only',
};

const LIVES = [
  { value: '', label: 'Does not expire' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'One year' },
];

function Made({ made, onDone }: { made: CreateKeyOutput; onDone(): void }) {
  const save = (): void => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([`${made.key}\n`], { type: 'text/plain' }));
    link.download = `${made.name.replaceAll(/[^\w.-]+/g, '-')}.key`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-1 flex-col gap-4 px-5 py-4">
        <WarningStrip>Copy it now: it is not shown again.</WarningStrip>
        <Field label={`Key of ${made.name}`}>
          {(control) => (
            <input {...control} readOnly className="field font-mono text-xs" value={made.key} onFocus={(event) => event.target.select()} />
          )}
        </Field>
        <div className="flex gap-2">
          <CopyButton value={made.key} label="Copy the key" isNamed />
          <Button size="small" onClick={save}>
            Download
          </Button>
        </div>
      </div>
      <footer className="flex justify-end border-t border-line px-5 py-3">
        <Button variant="primary" onClick={onDone}>
          I have it
        </Button>
      </footer>
    </div>
  );
}

export function KeyForm({ isFirst, onDone, onMade }: { isFirst: boolean; onDone(): void; onMade(): Promise<void> }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>(isFirst ? 'admin' : 'operator');
  const [days, setDays] = useState('');
  const create = useMutation({
    mutationFn: () =>
      client.keys.create.mutate({
        name,
        role,
        ...(days === '' ? {} : { expires_at: new Date(serverNow() + Number(days) * DAY_MS).toISOString() }),
      }),
    onSuccess: onMade,
  });
  if (create.data !== undefined) return <Made made={create.data} onDone={onDone} />;
  const failure = create.error === null ? null : toFailure(create.error);
  const problem = (field: string): string | undefined => failure?.issues.find((issue) => issue.path === field)?.message;
  return (
    <form
      className="flex min-h-0 flex-1 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <div className="flex flex-1 flex-col gap-4 overflow-y-auto px-5 py-4">
        {failure !== null && <FailureStrip what="No key was made." failure={failure} />}
        <TextField
          label="Name"
          hint="What uses it: “build agents”."
          error={problem('name')}
          required
          maxLength={128}
          value={name}
          onChange={setName}
        />
        <Field label="Role" error={problem('role')}>
          {(control) => (
            <Select
              {...control}
              options={ROLES.map((value) => ({ value, label: ROLE_WORDS[value] }))}
              value={role}
              onChange={(value) => setRole(ROLES.find((known) => known === value) ?? 'viewer')}
            />
          )}
        </Field>
        <Field label="Lives" error={problem('expires_at')}>
          {(control) => <Select {...control} options={LIVES} value={days} onChange={setDays} />}
        </Field>
      </div>
      <footer className="flex justify-end gap-2 border-t border-line px-5 py-3">
        <Button onClick={onDone}>Close</Button>
        <Button type="submit" variant="primary" disabled={create.isPending}>
          Make the key
        </Button>
      </footer>
    </form>
  );
}
