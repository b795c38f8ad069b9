import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Failure } from '../lib/failure.ts';
import { toFailure } from '../lib/failure.ts';
import { useSession, useSignOut } from '../lib/session.ts';
import { useTitle } from '../lib/title.ts';
import { Button, buttonClass } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { PageHeader } from './page.tsx';
import { notify } from './toast.tsx';

const TITLES: Record<string, string> = {
  NOT_FOUND: 'Not found',
  UNAUTHORIZED: 'Sign-in needed',
  FORBIDDEN: 'Not allowed',
  OFFLINE: 'No answer from the server',
  UNAVAILABLE: 'The server is not available',
  NEW_VERSION: 'New version available',
};

/** Who is not allowed, and the way to come back as somebody else. */
function SignedInAs() {
  const { data } = useSession();
  const signOut = useSignOut((error) => notify({ title: 'You are still signed in', detail: toFailure(error).message, tone: 'red' }));
  const user = data?.user ?? null;
  if (user === null) return null;
  return (
    <p className="flex flex-wrap items-center gap-2 text-sm text-ink-soft">
      You are signed in as {user.name ?? user.email}, {user.role}.
      <Button size="small" onClick={() => signOut.mutate()}>
        Sign in as somebody else
      </Button>
    </p>
  );
}

/** The whole page could not be shown: says why, and offers every way on. */
export function FailurePage({ failure, children, onRetry }: { failure: Failure; children?: ReactNode; onRetry?: () => void }) {
  const title = TITLES[failure.code] ?? 'Something went wrong';
  useTitle(title);
  return (
    <div className="mx-auto flex max-w-xl flex-col gap-5 py-12">
      <PageHeader title={title} lead={failure.message} />
      {children !== undefined && <div className="text-sm text-ink-soft">{children}</div>}
      {failure.request_id !== undefined && (
        <p className="flex items-center gap-1 text-sm text-ink-soft">
          Request <span className="font-mono text-xs">{failure.request_id}</span>
          <CopyButton value={failure.request_id} label="Copy request id" />
        </p>
      )}
      {failure.code === 'FORBIDDEN' && <SignedInAs />}
      <div className="flex flex-wrap gap-2">
        {onRetry !== undefined && (
          <Button variant="primary" onClick={onRetry}>
            {failure.code === 'NEW_VERSION' ? 'Reload' : 'Try again'}
          </Button>
        )}
        <Link to="/" className={buttonClass()}>
          Overview
        </Link>
        <Link to="/workloads" className={buttonClass()}>
          Workloads
        </Link>
      </div>
    </div>
  );
}
