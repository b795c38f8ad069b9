import { useQuery } from '@tanstack/react-query';
import type { WorkerSession } from '@tidemark/core/workers/contract';
import { toFailure } from '../../lib/failure.ts';
import { plural } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { trpc } from '../../lib/trpc.ts';
import { FailureStrip } from '../../ui/notice.tsx';
import { Panel } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { LIVENESS_LOOK, Status } from '../../ui/status.tsx';
import type { Look } from '../../ui/status.tsx';
import { Elapsed, Moment } from '../../ui/time.tsx';

const NOW: Look = { ...LIVENESS_LOOK.online, word: 'Now', tone: 'blue' };
const ENDS: Record<NonNullable<WorkerSession['end_reason']>, Look> = {
  stopped: { ...LIVENESS_LOOK.stopped, word: 'Signed off' },
  lost: LIVENESS_LOOK.lost,
  replaced: { ...LIVENESS_LOOK.stopped, word: 'Replaced' },
  forgotten: { ...LIVENESS_LOOK.stopped, word: 'Forgotten' },
};

function lasted(session: WorkerSession): number | null {
  return session.ended_at === null ? null : Math.max(0, Date.parse(session.ended_at) - Date.parse(session.started_at));
}

function Row({ session }: { session: WorkerSession }) {
  return (
    <li className="grid grid-cols-[6.5rem_minmax(0,1fr)_auto] items-baseline gap-x-3 px-4 py-2 text-sm">
      <Status look={session.end_reason === null ? NOW : ENDS[session.end_reason]} />
      <span className="min-w-0">
        <Moment at={session.started_at} />
        <span className="text-xs text-ink-mute">
          {' '}
          {session.version}
          {session.host !== null && ` on ${session.host}`}
        </span>
        {session.lost_jobs.length > 0 && (
          <span className="block text-xs text-red">lost {plural(session.lost_jobs.length, 'workload')}</span>
        )}
      </span>
      <Elapsed ms={lasted(session)} since={session.started_at} />
    </li>
  );
}

/** Every time it registered, the latest first, and how each time ended. */
export function Sessions({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(
    trpc.workers.sessions.queryOptions({ id, limit: 8 }, { refetchInterval: useRefreshMs(15_000) }),
  );
  return (
    <Panel title="Sessions">
      {error !== null && <FailureStrip what="This is not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <SkeletonRows count={2} />}
      <ul className="divide-y divide-line">
        {(data?.items ?? []).map((session) => (
          <Row key={session.session} session={session} />
        ))}
      </ul>
    </Panel>
  );
}
