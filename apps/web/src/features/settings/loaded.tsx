import type { ReactNode } from 'react';
import type { QueryResult } from '../../lib/trpc.ts';
import { toFailure } from '../../lib/failure.ts';
import { FailurePage } from '../../ui/failure-page.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';

/** What was read, or in its place: that it is being read, that it is not allowed, that it failed. Old content stays. */
export function Loaded<Data>({ query, children }: { query: QueryResult<Data>; children(data: Data): ReactNode }) {
  const failure = query.error === null ? null : toFailure(query.error);
  if (failure !== null && query.data === undefined && (failure.code === 'FORBIDDEN' || failure.code === 'UNAUTHORIZED')) {
    return <FailurePage failure={failure} />;
  }
  return (
    <>
      {failure !== null && <FailureStrip what="This is not up to date." failure={failure} onRetry={() => void query.refetch()} />}
      {query.data === undefined && failure === null && <SkeletonRows count={3} />}
      {query.data !== undefined && children(query.data)}
    </>
  );
}
