import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { MIN_PASSWORD_CHARS, USER_ROLES } from '@tidemark/core/users/contract';
import type { User, UserRole } from '@tidemark/core/users/contract';
import { toFailure } from '../../lib/failure.ts';
import type { Failure } from '../../lib/failure.ts';
import { enter } from '../../lib/session.ts';
import { client } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { notify } from '../../ui/toast.tsx';
import { useUnsaved } from '../../ui/unsaved.tsx';
import { FormFrame, problemOf } from './form-frame.tsx';

const LETTERS = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** About 116 bits, without letters that look alike. */
function randomPassword(): string {
  return Array.from({ length: 20 }, () => {
    // The largest multiple of the alphabet below 256 keeps every letter as likely as the others.
    const limit = 256 - (256 % LETTERS.length);
    let byte = 256;
    while (byte >= limit) byte = crypto.getRandomValues(new Uint8Array(1))[0] ?? 256;
    return LETTERS[byte % LETTERS.length];
  }).join('');
}

function PasswordField({ value, failure, onChange }: { value: string; failure: Failure | null; onChange(value: string): void }) {
  return (
    <Field label="Password" hint={`At least ${MIN_PASSWORD_CHARS} characters. They can change it.`} error={problemOf(failure, 'password')}>
      {(control) => (
        <span className="flex items-center gap-2">
          <input
            {...control}
            type="text"
            required
            minLength={MIN_PASSWORD_CHARS}
            autoComplete="off"
            spellCheck={false}
            className="field flex-1 font-mono"
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          <Button size="small" onClick={() => onChange(randomPassword())}>
            Make one up
          </Button>
          {value !== '' && <CopyButton value={value} label="Copy password" />}
        </span>
      )}
    </Field>
  );
}

export function MemberForm({ isFirst, onDone, onSaved }: { isFirst: boolean; onDone(): void; onSaved(): Promise<void> }) {
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<UserRole>(isFirst ? 'admin' : 'viewer');
  const [password, setPassword] = useState('');
  const unsaved = useUnsaved({ email, name, role, password });
  const create = useMutation({
    mutationFn: () => client.users.create.mutate({ email, role, password, ...(name.trim() === '' ? {} : { name }) }),
    onSuccess: async () => {
      unsaved.settle();
      if (isFirst) {
        enter('/login');
        return;
      }
      notify({ title: `${email} can sign in` });
      await onSaved();
      onDone();
    },
  });
  const failure = create.error === null ? null : toFailure(create.error);
  return (
    <FormFrame action="Add the person" isPending={create.isPending} unsaved={unsaved} onSubmit={() => create.mutate()}>
      {failure !== null && <FailureStrip what="Nobody was added." failure={failure} />}
      <Field label="E-mail" error={problemOf(failure, 'email')}>
        {(control) => (
          <input
            {...control}
            type="email"
            required
            autoComplete="off"
            className="field"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      <Field label="Name" hint="Optional." error={problemOf(failure, 'name')}>
        {(control) => (
          <input {...control} className="field" maxLength={128} value={name} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
      <Field label="Role" error={problemOf(failure, 'role')} hint={isFirst ? 'The first person is an administrator.' : undefined}>
        {(control) => (
          <Select
            {...control}
            disabled={isFirst}
            options={USER_ROLES.map((value) => ({ value, label: value }))}
            value={role}
            onChange={(value) => setRole(USER_ROLES.find((known) => known === value) ?? 'viewer')}
          />
        )}
      </Field>
      <PasswordField value={password} failure={failure} onChange={setPassword} />
    </FormFrame>
  );
}

export function PasswordForm({ user, onDone }: { user: User; onDone(): void }) {
  const [password, setPassword] = useState('');
  const unsaved = useUnsaved(password);
  const set = useMutation({
    mutationFn: () => client.users.setPassword.mutate({ id: user.id, password }),
    onSuccess: () => {
      unsaved.settle();
      notify({ title: `${user.email} has a new password`, detail: 'All their sessions have ended.' });
      onDone();
    },
  });
  const failure = set.error === null ? null : toFailure(set.error);
  return (
    <FormFrame action="Set the password" isPending={set.isPending} unsaved={unsaved} onSubmit={() => set.mutate()}>
      {failure !== null && <FailureStrip what="The password is as it was." failure={failure} />}
      <PasswordField value={password} failure={failure} onChange={setPassword} />
      <p className="text-xs text-ink-mute">All sessions of this person end.</p>
    </FormFrame>
  );
}
