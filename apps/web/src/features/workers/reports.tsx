import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { HistoryEvent } from '@tidemark/core/history/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, shortId } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { serverPath } from '../../lib/server-path.ts';
import { formatRate } from '../../lib/throughput.ts';
import { trpc } from '../../lib/trpc.ts';
import { FailureStrip } from '../../ui/notice.tsx';
import { Panel } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { Moment } from '../../ui/time.tsx';

const WORDS: Record<HistoryEvent, string> = { checkpoint: 'Checkpoint', complete: 'Completion', fail: 'Failure' };

/** The latest accepted reports, and all of them as a file. */
export function Reports({ workerId }: { workerId: string }) {
  const { data, error, refetch } = useQuery(
    trpc.workers.historyOf.queryOptions({ worker_id: workerId, limit: 6 }, { refetchInterval: useRefreshMs(5000) }),
  );
  return (
    <Panel
      title="Reports"
      aside={
        <a
          href={serverPath(`/v1/workers/history.csv?worker_id=${encodeURIComponent(workerId)}`)}
          download={`${workerId}.csv`}
          className="link"
        >
          All as CSV
        </a>
      }
    >
      {error !== null && <FailureStrip what="This is not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <SkeletonRows count={3} />}
      {data?.items.length === 0 && <p className="px-4 py-4 text-sm text-ink-soft">It has reported nothing yet.</p>}
      <ul className="divide-y divide-line">
        {(data?.items ?? []).map((row) => (
          <li key={row.id} className="grid grid-cols-[6.5rem_minmax(0,1fr)_auto] items-baseline gap-x-3 px-4 py-1.5 text-sm">
            <span>{WORDS[row.event]}</span>
            <span className="min-w-0 truncate">
              <Link to="/workloads/$id" params={{ id: row.job_id }} title={row.job_id} className="link font-mono text-xs text-ink">
                {shortId(row.job_id)}
              </Link>
              {row.keys_scanned !== null && (
                <span className="text-xs text-ink-mute" title={`${formatCount(row.keys_scanned)} keys`}>
                  {' '}
                  {formatRate(row.keys_per_second)}
                </span>
              )}
            </span>
            <Moment at={row.finished_at} className="text-xs text-ink-mute" />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
