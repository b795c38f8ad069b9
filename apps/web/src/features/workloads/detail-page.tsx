import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Ban, RotateCcw } from 'lucide-react';
import { toFailure } from '../../lib/failure.ts';
import { shortId } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { useTitle } from '../../lib/title.ts';
import { trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { FailurePage } from '../../ui/failure-page.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { PageHeader, Panel } from '../../ui/page.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { JsonView } from '../../ui/json-view.tsx';
import { Skeleton, SkeletonRows } from '../../ui/skeleton.tsx';
import { Status, workloadLook } from '../../ui/status.tsx';
import { canDo, useAct } from './actions.ts';
import { AttemptsTable } from './attempts-table.tsx';
import { CopyMenu } from './copy-menu.tsx';
import { ErrorPanel, Vitals, WorkloadFacts } from './facts.tsx';
import { OutputPanel } from './output-panel.tsx';
import { summarize } from './summary.ts';
import type { WorkloadDetail } from './summary.ts';
import { Throughput } from './throughput.tsx';

function Actions({ workload }: { workload: WorkloadDetail }) {
  const cancel = useAct('cancel', workload.id);
  const retry = useAct('retry', workload.id);
  return (
    <>
      <CopyMenu workload={workload} />
      {canDo('retry', workload) && (
        <Confirm
          title="Retry this workload?"
          action="Retry"
          dismiss="Not now"
          onConfirm={() => retry.mutate()}
          trigger={
            <Button variant="primary" disabled={retry.isPending}>
              <RotateCcw aria-hidden className="size-4" /> Retry
            </Button>
          }
        >
          It is queued again with a new budget of {workload.max_attempts} {workload.max_attempts === 1 ? 'attempt' : 'attempts'}
          {workload.checkpoint === null ? ', from the start.' : ', from its last checkpoint.'}
        </Confirm>
      )}
      {canDo('cancel', workload) && (
        <Confirm
          title="Cancel this workload?"
          action="Cancel workload"
          dismiss="Keep it"
          isDangerous
          onConfirm={() => cancel.mutate()}
          trigger={
            <Button disabled={cancel.isPending}>
              <Ban aria-hidden className="size-4" /> Cancel
            </Button>
          }
        >
          {workload.status === 'pending'
            ? 'It has not started and will not run.'
            : 'Its worker is asked to stop it. Output so far is kept; the attempt is lost.'}
        </Confirm>
      )}
    </>
  );
}

function Header({ workload }: { workload: WorkloadDetail }) {
  const look = workloadLook(workload.status, workload.status_reason);
  return (
    <PageHeader
      title={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Status look={look} className="text-[1.375rem]/tight font-semibold [&_svg]:size-5" />
          <span className="min-w-0 font-mono text-sm font-normal break-all text-ink-soft">{summarize(workload)}</span>
        </span>
      }
      lead={
        <span className="flex flex-col gap-1">
          <span className="inline-flex flex-wrap items-center gap-x-1">
            <span className="font-mono text-xs break-all">{workload.id}</span>
            <CopyButton value={workload.id} label="Copy id" />
          </span>
          {workload.wait_reason !== null && <span className="text-sm">{workload.wait_reason}</span>}
        </span>
      }
    >
      <Actions workload={workload} />
    </PageHeader>
  );
}

function Loading() {
  return (
    <div aria-busy="true" className="flex flex-col gap-4">
      <Skeleton className="h-7 w-72" />
      <Skeleton className="h-4 w-52" />
      <div className="panel">
        <SkeletonRows count={6} />
      </div>
    </div>
  );
}

/** Why it waits, and how long its lease runs, change without an event. */
function isMoving(workload: { status: string } | undefined): boolean {
  return workload !== undefined && (workload.status === 'pending' || workload.status === 'running');
}

export function WorkloadPage() {
  const { id } = useParams({ from: '/workloads/$id' });
  useTitle(`${shortId(id)} · Workloads`);
  const refreshMs = useRefreshMs(10_000);
  const { data, error, refetch } = useQuery(
    trpc.workloads.get.queryOptions(
      { id },
      { placeholderData: () => undefined, refetchInterval: (query) => (isMoving(query.state.data) ? refreshMs : false) },
    ),
  );
  const failure = error === null ? null : toFailure(error);
  if (failure?.code === 'NOT_FOUND') {
    return (
      <FailurePage failure={failure}>
        It may have been removed by retention, or its id was cut short: <span className="font-mono text-xs break-all">{id}</span>
      </FailurePage>
    );
  }
  if (data === undefined) return failure === null ? <Loading /> : <FailurePage failure={failure} onRetry={() => void refetch()} />;
  return (
    <div className="flex flex-col gap-4">
      <Header workload={data} />
      {failure !== null && <FailureStrip what="This page is not up to date." failure={failure} onRetry={() => void refetch()} />}
      <Vitals workload={data} />
      <ErrorPanel workload={data} />
      {data.progress !== null && data.status === 'running' && (
        <section aria-label="Progress" className="panel px-4 py-3">
          <ProgressBar progress={data.progress} />
        </section>
      )}
      <div className="grid min-w-0 gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="flex min-w-0 flex-col gap-4">
          {data.keys_scanned !== null && <Throughput workload={data} />}
          <OutputPanel key={data.id} workload={data} />
          <AttemptsTable attempts={data.attempts} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <WorkloadFacts workload={data} />
          <Panel title="Payload">
            <JsonView value={data.payload} label="Payload as JSON" />
          </Panel>
          {data.checkpoint !== null && (
            <Panel title="Checkpoint">
              <JsonView value={data.checkpoint} label="Checkpoint as JSON" />
            </Panel>
          )}
        </div>
      </div>
      <p className="text-sm text-ink-soft">
        <Link to="/workloads" search={{ kind: data.kind }} className="link">
          Other workloads of kind {data.kind}
        </Link>
      </p>
    </div>
  );
}
