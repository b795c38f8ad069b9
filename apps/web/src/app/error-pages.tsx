import type { ErrorComponentProps } from '@tanstack/react-router';
import { useRouter } from '@tanstack/react-router';
import { FailurePage } from '../ui/failure-page.tsx';
import { toFailure } from '../lib/failure.ts';

export function NotFoundPage() {
  return <FailurePage failure={{ code: 'NOT_FOUND', message: 'There is no page at this address.', request_id: undefined, issues: [] }} />;
}

/** A lazy part of the page that is gone means that a newer version was installed while this one was open. */
function isOldVersion(error: unknown): boolean {
  return error instanceof TypeError && /dynamically imported module|module script/i.test(error.message);
}

export function ErrorPage({ error }: ErrorComponentProps) {
  const router = useRouter();
  if (isOldVersion(error)) {
    const failure = {
      code: 'NEW_VERSION',
      message: 'A part of this page could not be loaded: the server is out of reach, or runs a newer version.',
      request_id: undefined,
      issues: [],
    };
    return <FailurePage failure={failure} onRetry={() => window.location.reload()} />;
  }
  return <FailurePage failure={toFailure(error)} onRetry={() => void router.invalidate()} />;
}
