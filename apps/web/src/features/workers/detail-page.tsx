import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { Worker } from '@tidemark/core/workers/contract';
import type { WorkloadSummary } from '@tidemark/core/workloads/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatDuration, shortId } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { useLiveEvents } from '../../lib/live/use-live.ts';
import { useThrottle } from '../../lib/throttle.ts';
import { useTitle } from '../../lib/title.ts';
import { queryClient, trpc } from '../../lib/trpc.ts';
import { Labels } from '../../ui/chip.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { FailurePage } from '../../ui/failure-page.tsx';
import { Meter } from '../../ui/meter.tsx';
import { FailureStrip, WarningStrip } from '../../ui/notice.tsx';
import { Fact, Facts, PageHeader, Panel } from '../../ui/page.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { LIVENESS_LOOK, Status, workloadLook } from '../../ui/status.tsx';
import { Elapsed, FullMoment, Moment } from '../../ui/time.tsx';

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

/** What the worker has in its hands, read again whenever a workload of it changes. */
function HeldWorkloads({ worker }: { worker: Worker }) {
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

function EndedWorkloads({ worker }: { worker: Worker }) {
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

const SKEW_SHOWN_MS = 2000;

function WorkerFacts({ worker }: { worker: Worker }) {
  const skew = worker.clock_skew_ms;
  return (
    <Panel title="Details">
      <Facts>
        <Fact name="Slots in use">
          <Meter label="Slots in use" value={worker.slots_used} max={worker.slots} />
        </Fact>
        <Fact name="Last heartbeat">
          <FullMoment at={worker.last_heartbeat_at} />
        </Fact>
        <Fact name="Registered">
          <FullMoment at={worker.registered_at} />
        </Fact>
        {worker.stopped_at !== null && (
          <Fact name="Stopped">
            <FullMoment at={worker.stopped_at} />
          </Fact>
        )}
        {worker.host !== null && <Fact name="Host">{worker.host}</Fact>}
        <Fact name="Type">{worker.worker_type}</Fact>
        <Fact name="Version">{worker.version}</Fact>
        <Fact name="Kinds">{worker.kinds.join(', ')}</Fact>
        <Fact name="Isolations">{worker.isolations.join(', ')}</Fact>
        <Fact name="Queues">{worker.queues.join(', ')}</Fact>
        <Fact name="Labels">
          <span className="flex flex-wrap gap-1">
            <Labels labels={worker.labels} />
            {Object.keys(worker.labels).length === 0 && <span className="text-ink-mute">none</span>}
          </span>
        </Fact>
        {skew !== null && Math.abs(skew) > SKEW_SHOWN_MS && (
          <Fact name="Clock">
            <span className="text-amber">
              {formatDuration(Math.abs(skew))} {skew > 0 ? 'ahead of' : 'behind'} the server
            </span>
          </Fact>
        )}
      </Facts>
    </Panel>
  );
}

export function WorkerPage() {
  const { id } = useParams({ from: '/workers/$id' });
  const { data, error, refetch } = useQuery({
    ...trpc.workers.get.queryOptions({ id }),
    placeholderData: () => undefined,
    refetchInterval: useRefreshMs(5000),
  });
  useTitle(`${data?.name ?? shortId(id)} · Workers`);
  const failure = error === null ? null : toFailure(error);
  if (failure?.code === 'NOT_FOUND' || (failure !== null && data === undefined))
    return <FailurePage failure={failure} onRetry={() => void refetch()} />;
  if (data === undefined) {
    return (
      <div className="panel">
        <SkeletonRows count={5} />
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Status look={LIVENESS_LOOK[data.liveness]} className="font-semibold [&_svg]:size-5" />
            <span className="font-normal break-all">{data.name}</span>
          </span>
        }
        lead={
          <span className="inline-flex flex-wrap items-center gap-1">
            <span className="font-mono text-xs break-all">{data.id}</span>
            <CopyButton value={data.id} label="Copy id" />
          </span>
        }
      />
      {failure !== null && <FailureStrip what="This page is not up to date." failure={failure} onRetry={() => void refetch()} />}
      <div className="grid min-w-0 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <HeldWorkloads worker={data} />
          <EndedWorkloads worker={data} />
        </div>
        <WorkerFacts worker={data} />
      </div>
    </div>
  );
}
