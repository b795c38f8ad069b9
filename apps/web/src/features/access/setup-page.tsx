import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { MIN_PASSWORD_CHARS } from '@tidemark/core/users/contract';
import { toFailure } from '../../lib/failure.ts';
import { enter } from '../../lib/session.ts';
import { useTitle } from '../../lib/title.ts';
import { client } from '../../lib/trpc.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Frame } from './frame.tsx';

/** Behind the hash, so that it reaches no server log. */
function tokenOfAddress(): string {
  return new URLSearchParams(window.location.hash.slice(1)).get('token') ?? '';
}

function Unusable({ children }: { children: string }) {
  return (
    <Frame title="This link does not work" lead={children}>
      <Link to="/login" className={buttonClass()}>
        Sign in
      </Link>
    </Frame>
  );
}

function Form({ token }: { token: string }) {
  const [draft, setDraft] = useState({ email: '', name: '', password: '' });
  const complete = useMutation({
    mutationFn: () =>
      client.setup.complete.mutate({
        token,
        email: draft.email,
        password: draft.password,
        ...(draft.name.trim() === '' ? {} : { name: draft.name }),
      }),
    onSuccess: () => enter('/'),
  });
  const failure = complete.error === null ? null : toFailure(complete.error);
  const problem = (field: string): string | undefined => failure?.issues.find((issue) => issue.path === field)?.message;
  const input = (field: keyof typeof draft, rest: Record<string, unknown>) => (control: object) => (
    <input
      {...control}
      {...rest}
      name={field}
      className="field"
      value={draft[field]}
      onChange={(event) => setDraft({ ...draft, [field]: event.target.value })}
    />
  );
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        complete.mutate();
      }}
    >
      {failure !== null && <FailureStrip what="No account was made." failure={failure} />}
      <Field label="E-mail" error={problem('email')}>
        {input('email', { type: 'email', autoComplete: 'username', required: true })}
      </Field>
      <Field label="Name" hint="Optional; shown beside what you did." error={problem('name')}>
        {input('name', { autoComplete: 'name' })}
      </Field>
      <Field label="Password" hint={`At least ${MIN_PASSWORD_CHARS} characters.`} error={problem('password')}>
        {input('password', { type: 'password', autoComplete: 'new-password', required: true, minLength: MIN_PASSWORD_CHARS })}
      </Field>
      <Button type="submit" variant="primary" disabled={complete.isPending} className="justify-center">
        Make the account
      </Button>
    </form>
  );
}

/** Where the link that the server prints at its start leads: the first administrator. */
export function SetupPage() {
  useTitle('Set up');
  const [token] = useState(tokenOfAddress);
  const check = useQuery({
    queryKey: ['setup', token],
    queryFn: () => client.setup.check.mutate({ token }),
    enabled: token !== '',
    retry: false,
  });
  if (token === '') return <Unusable>Copy the whole link that the server printed when it started, with what stands behind the #.</Unusable>;
  if (check.error !== null) {
    const failure = toFailure(check.error);
    if (failure.code === 'NOT_FOUND') return <Unusable>Somebody has made the first account already.</Unusable>;
    return (
      <Frame title="Set up">
        <FailureStrip what="The link could not be checked." failure={failure} onRetry={() => void check.refetch()} />
      </Frame>
    );
  }
  if (check.data === undefined) {
    return (
      <Frame title="Set up">
        <Skeleton className="h-40" />
      </Frame>
    );
  }
  if (!check.data.is_valid) return <Unusable>It is used up or too old. Start the server again: it prints a new one.</Unusable>;
  return (
    <Frame title="Make the first account" lead="It is an administrator. From then on everybody signs in or sends a key.">
      <Form token={token} />
    </Frame>
  );
}
