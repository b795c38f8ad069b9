import { useMutation } from '@tanstack/react-query';
import { Navigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { toFailure } from '../../lib/failure.ts';
import { enter, safeNext, useSession } from '../../lib/session.ts';
import { serverPath } from '../../lib/server-path.ts';
import { useTitle } from '../../lib/title.ts';
import { client } from '../../lib/trpc.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { Frame } from './frame.tsx';

const REASONS: Record<string, string> = {
  UNAUTHORIZED: 'E-mail or password is wrong.',
  RATE_LIMITED: 'Too many tries. Wait a while, then try again.',
};

export function SignInPage() {
  useTitle('Sign in');
  const { next } = useSearch({ from: '/login' });
  const session = useSession();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({ mutationFn: () => client.session.signIn.mutate({ email, password }), onSuccess: () => enter(next) });
  if (session.data !== undefined && session.data.state !== 'anonymous') return <Navigate to={safeNext(next)} replace />;
  const failure = signIn.error === null ? null : toFailure(signIn.error);
  const hasOidc = session.data?.sign_in_methods.includes('oidc') ?? false;
  return (
    <Frame
      title="Sign in"
      lead={
        session.data?.is_setup_needed === true
          ? 'Nobody has an account yet. Open the link that the server printed when it started to make the first one.'
          : undefined
      }
    >
      {failure !== null && (
        <FailureStrip
          what={REASONS[failure.code] ?? 'You are not signed in.'}
          failure={REASONS[failure.code] === undefined ? failure : { ...failure, message: '' }}
        />
      )}
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate();
        }}
      >
        <TextField label="E-mail" type="email" name="email" autoComplete="username" required value={email} onChange={setEmail} />
        <TextField
          label="Password"
          type="password"
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={setPassword}
        />
        <Button type="submit" variant="primary" disabled={signIn.isPending} className="justify-center">
          {signIn.isPending ? 'Signing in' : 'Sign in'}
        </Button>
      </form>
      {hasOidc && (
        <a href={serverPath(`/v1/session/oidc?next=${encodeURIComponent(safeNext(next))}`)} className={buttonClass()}>
          Sign in with your organisation
        </a>
      )}
    </Frame>
  );
}
