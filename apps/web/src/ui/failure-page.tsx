import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Failure } from '../lib/failure.ts';
import { useTitle } from '../lib/title.ts';
import { Button, buttonClass } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { PageHeader } from './page.tsx';

const TITLES: Record<string, string> = {
  NOT_FOUND: 'Not found',
  UNAUTHORIZED: 'Sign-in needed',
  FORBIDDEN: 'Not allowed',
  OFFLINE: 'No answer from the server',
  UNAVAILABLE: 'The server is not available',
  NEW_VERSION: 'New version available',
};

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
