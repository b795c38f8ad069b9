import { useMutation } from '@tanstack/react-query';
import { Navigate, useSearch } from '@tanstack/react-router';
import type { ProviderProblem } from '@tidemark/core/sessions/contract';
import { useState } from 'react';
import { toFailure } from '../../lib/failure.ts';
import { enter, safeNext, useSession } from '../../lib/session.ts';
import { serverPath } from '../../lib/server-path.ts';
import { useTitle } from '../../lib/title.ts';
import { client } from '../../lib/trpc.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { FailureStrip, WarningStrip } from '../../ui/notice.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { Frame } from './frame.tsx';

const REASONS: Record<string, string> = {
  UNAUTHORIZED: 'E-mail or password is wrong.',
  RATE_LIMITED: 'Too many tries. Wait a while, then try again.',
};

/** Why the identity provider's answer let nobody in; the server names the problem, the sentence is ours. */
const PROVIDER_PROBLEMS = {
  expired: 'That sign-in took too long, or was begun in another window. Try again.',
  refused: 'Your organisation did not confirm who you are. Try again, or ask your administrator.',
  unavailable: 'The sign-in of your organisation cannot be reached. Try again in a moment.',
  busy: 'Too many tries. Wait a while, then try again.',
  disabled: 'This account is disabled. An administrator can enable it again.',
  unverified: 'Your organisation has not verified your e-mail address, so it cannot be matched with an account.',
  taken: 'Your e-mail address belongs to an account of somebody else. Ask an administrator.',
  not_allowed: 'You are not among those who may sign in here. Ask an administrator.',
  setup_needed: 'The first account must be an administrator. Open the link that the server printed when it started.',
  failed: 'Signing in failed. Try again, or ask your administrator.',
} satisfies Record<ProviderProblem, string>;
const providerProblems = new Map<string, string>(Object.entries(PROVIDER_PROBLEMS));

export function SignInPage() {
  useTitle('Sign in');
  const { next, problem } = useSearch({ from: '/login' });
  const session = useSession();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({ mutationFn: () => client.session.signIn.mutate({ email, password }), onSuccess: () => enter(next) });
  if (session.data !== undefined && session.data.state !== 'anonymous') return <Navigate to={safeNext(next)} replace />;
  const failure = signIn.error === null ? null : toFailure(signIn.error);
  const told = providerProblems.get(problem ?? '');
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
      {failure === null && told !== undefined && <WarningStrip>{told}</WarningStrip>}
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
