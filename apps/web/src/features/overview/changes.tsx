import { Link } from '@tanstack/react-router';
import type { WorkloadSummary } from '@tidemark/core/workloads/contract';
import { toFailure } from '../../lib/failure.ts';
import { shortId } from '../../lib/format.ts';
import { Panel } from '../../ui/page.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { STATUS_LOOK, Status, workloadLook } from '../../ui/status.tsx';
import type { Look } from '../../ui/status.tsx';
import { Moment } from '../../ui/time.tsx';
import { useFreshLists, useRecent } from './queries.ts';

interface Change {
  key: string;
  at: string;
  look: Look;
  workload: WorkloadSummary;
}

const SHOWN = 9;

/** The latest change of each of the newest workloads, the last one first; runs of monitors that ended well would drown the rest. */
function latestChanges(workloads: readonly WorkloadSummary[]): Change[] {
  const told = workloads.filter((workload) => workload.kind !== 'monitor' || workload.status !== 'completed');
  const changes = told.map((workload): Change => {
    const at = workload.finished_at ?? (workload.status === 'running' ? workload.started_at : null) ?? workload.created_at;
    const isNew = workload.status === 'pending' && workload.status_reason === 'queued';
    return {
      key: `${workload.id} ${at}`,
      at,
      look: isNew ? { ...STATUS_LOOK.pending, word: 'Queued' } : workloadLook(workload.status, workload.status_reason),
      workload,
    };
  });
  return changes.toSorted((left, right) => Date.parse(right.at) - Date.parse(left.at)).slice(0, SHOWN);
}

export function Changes() {
  useFreshLists();
  const { data, error, refetch } = useRecent();
  const changes = latestChanges(data?.items ?? []);
  return (
    <Panel
      title="Recent changes"
      className="last:odd:col-span-full"
      aside={
        <Link to="/workloads" className="link">
          All workloads
        </Link>
      }
    >
      {error !== null && <FailureStrip what="This is not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <SkeletonRows count={5} />}
      {data !== undefined && data.items.length > 0 && changes.length === 0 && (
        <p className="px-4 py-4 text-sm text-ink-soft">Only runs of monitors of late, and all of them ended.</p>
      )}
      {data?.items.length === 0 && <p className="px-4 py-4 text-sm text-ink-soft">Nothing has happened yet.</p>}
      <ul className="divide-y divide-line">
        {changes.map(({ key, at, look, workload }) => (
          <li key={key} className="grid grid-cols-[7.5rem_minmax(0,1fr)_auto] items-center gap-x-3 px-4 py-1.5 text-sm">
            <Status look={look} />
            <Link to="/workloads/$id" params={{ id: workload.id }} className="link truncate text-ink">
              {workload.kind} <span className="font-mono text-xs text-ink-soft">{shortId(workload.id)}</span>
            </Link>
            <Moment at={at} className="text-xs text-ink-mute" />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
