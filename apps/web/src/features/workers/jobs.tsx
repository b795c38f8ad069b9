import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Worker } from '@tidemark/core/workers/contract';
import type { WorkloadSummary } from '@tidemark/core/workloads/contract';
import { toFailure } from '../../lib/failure.ts';
import { plural, shortId } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { useLiveEvents } from '../../lib/live/use-live.ts';
import { useThrottle } from '../../lib/throttle.ts';
import { queryClient, trpc } from '../../lib/trpc.ts';
import { DataTable } from '../../ui/data-table.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { FailureStrip, WarningStrip } from '../../ui/notice.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { Status, workloadLook } from '../../ui/status.tsx';
import { Elapsed, Moment } from '../../ui/time.tsx';

const HELD: readonly Column<WorkloadSummary>[] = [
  { id: 'status', header: 'Status', className: 'w-36', cell: (row) => <Status look={workloadLook(row.status, row.status_reason)} /> },
  {
    id: 'id',
    header: 'Workload',
    cell: (row) => (
      <Link to="/workloads/$id" params={{ id: row.id }} title={row.id} className="link font-mono text-xs whitespace-nowrap text-ink">
        {shortId(row.id)}
      </Link>
    ),
  },
  { id: 'kind', header: 'Kind', className: 'hidden sm:table-cell', cell: (row) => row.kind },
  {
    id: 'progress',
    header: 'Progress',
    className: 'hidden md:table-cell',
    cell: (row) => (row.progress === null ? null : <ProgressBar progress={row.progress} isCompact />),
  },
  { id: 'running', header: 'Running for', className: 'text-right', cell: (row) => <Elapsed ms={null} since={row.started_at} /> },
];

function JobLinks({ ids }: { ids: readonly string[] }) {
  return (
    <span className="inline-flex flex-wrap gap-x-3">
      {ids.map((id) => (
        <Link key={id} to="/workloads/$id" params={{ id }} title={id} className="link font-mono text-xs text-ink">
          {shortId(id)}
        </Link>
      ))}
    </span>
  );
}

/** Of a worker that is gone: what had been in its hands, wherever it is now. */
function LostJobs({ worker, held }: { worker: Worker; held: readonly WorkloadSummary[] }) {
  const ids = worker.held_jobs.filter((id) => held.every((row) => row.id !== id));
  if (worker.liveness !== 'lost' || ids.length === 0) return null;
  return (
    <p className="border-b border-line px-4 py-2 text-sm text-ink-soft">
      {plural(ids.length, 'workload')} taken from it when its leases ended: <JobLinks ids={ids} />
    </p>
  );
}

/** What the worker has in its hands, read again whenever a workload of it changes. */
export function HeldWorkloads({ worker }: { worker: Worker }) {
  const options = trpc.workloads.list.queryOptions({ worker_id: worker.id, status: 'running', limit: 100 });
  const { data, error, refetch } = useQuery({ ...options, refetchInterval: useRefreshMs(15_000) });
  const refresh = useThrottle(() => void queryClient.invalidateQueries({ queryKey: options.queryKey }), 1000);
  useLiveEvents('workloads', (events, isResync) => {
    if (isResync || events.some((event) => event.data['worker_id'] === worker.id || data?.items.some((row) => row.id === event.data['id'])))
      refresh();
  });
  const isGone = worker.liveness === 'lost' && (data?.items.length ?? 0) > 0;
  return (
    <Panel title="In its hands now">
      {isGone && (
        <div className="p-3">
          <WarningStrip>This worker is lost: what it held goes back to the queue when its leases end.</WarningStrip>
        </div>
      )}
      <LostJobs worker={worker} held={data?.items ?? []} />
      {worker.stuck_jobs.length > 0 && (
        <div className="p-3">
          <WarningStrip>
            <span className="min-w-0 flex-1">
              No progress for 12 heartbeats, though the worker is alive: <JobLinks ids={worker.stuck_jobs} />
            </span>
          </WarningStrip>
        </div>
      )}
      {error !== null && <FailureStrip what="This is not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <SkeletonRows count={2} />}
      {data?.items.length === 0 && (
        <p className="px-4 py-4 text-sm text-ink-soft">{worker.liveness === 'online' ? 'Nothing: all its slots are free.' : 'Nothing.'}</p>
      )}
      {data !== undefined && data.items.length > 0 && (
        <DataTable caption="Workloads this worker holds" columns={HELD} rows={data.items} getRowId={(row) => row.id} />
      )}
    </Panel>
  );
}

const ENDED: readonly Column<WorkloadSummary>[] = [
  ...HELD.slice(0, 3),
  {
    id: 'duration',
    header: 'Duration',
    className: 'hidden text-right sm:table-cell',
    cell: (row) => <Elapsed ms={row.duration_ms} since={null} />,
  },
  { id: 'finished', header: 'Finished', className: 'text-right', cell: (row) => <Moment at={row.finished_at} /> },
];

export function EndedWorkloads({ worker }: { worker: Worker }) {
  const { data } = useQuery(
    trpc.workloads.list.queryOptions(
      { worker_id: worker.id, status: ['completed', 'failed', 'cancelled'], limit: 10 },
      { refetchInterval: useRefreshMs(15_000) },
    ),
  );
  return (
    <Panel
      title="Ran last"
      aside={
        <Link to="/workloads" search={{ worker: worker.id }} className="link">
          All it ran last
        </Link>
      }
    >
      {data === undefined && <SkeletonRows count={3} />}
      {data?.items.length === 0 && <p className="px-4 py-4 text-sm text-ink-soft">Nothing has ended here yet.</p>}
      {data !== undefined && data.items.length > 0 && (
        <DataTable caption="Workloads that ended on this worker" columns={ENDED} rows={data.items} getRowId={(row) => row.id} />
      )}
    </Panel>
  );
}
