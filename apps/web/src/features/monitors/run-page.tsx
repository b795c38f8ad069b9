import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Monitor } from '@tidemark/core/monitors/contract';
import type { Run } from '@tidemark/core/runs/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatDuration, shortId } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { useMonitorNews } from '../../lib/monitor-news.ts';
import { picturesOf, stepsOf } from '../../lib/run-result.ts';
import { useTitle } from '../../lib/title.ts';
import { client, trpc } from '../../lib/trpc.ts';
import { FailurePage } from '../../ui/failure-page.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { PageHeader, Panel } from '../../ui/page.tsx';
import { RunPictures, RunSteps, toShown } from '../../ui/run-steps.tsx';
import type { ShownStep } from '../../ui/run-steps.tsx';
import { PageSkeleton } from '../../ui/skeleton.tsx';
import { runLook, Status } from '../../ui/status.tsx';
import { LiveRun } from './live-run.tsx';
import { RunFacts } from './run-facts.tsx';
import { RunLog } from './run-log.tsx';
import { advance, NOT_STARTED } from './run-progress.ts';
import { stepName } from './words.ts';

/** The steps of a finished run, and those after the failed one, which were not run. */
function stepsToShow(run: Run, monitor: Monitor | undefined): ShownStep[] {
  const done = stepsOf(run).map(toShown);
  const planned = monitor?.steps ?? [];
  if (done.length === 0 || run.passed || planned.length !== run.steps_total) return done;
  const rest = planned.slice(done.length).map((step, index): ShownStep => ({
    step_number: done.length + index + 1,
    name: stepName(step),
    state: 'skipped',
    since: null,
    duration_ms: null,
    error: null,
    assertions: [],
    phases: null,
  }));
  return [...done, ...rest];
}

/** What the agent told while it ran; gone when retention has removed the workload. */
function useStoredLines(workloadId: string | null | undefined) {
  const { data } = useQuery({
    queryKey: ['run-log', workloadId],
    queryFn: () => client.events.list.query({ stream: workloadId ?? '', limit: 1000 }).catch(() => null),
    enabled: typeof workloadId === 'string',
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: () => undefined,
  });
  return useMemo(() => (data?.items ?? []).reduce(advance, NOT_STARTED).lines, [data]);
}

function FinishedRun({ run, monitor, testId }: { run: Run; monitor: Monitor | undefined; testId: string }) {
  const steps = stepsToShow(run, monitor);
  const pictures = picturesOf(run);
  const lines = useStoredLines(run.workload_id);
  return (
    <div className="flex flex-col gap-4">
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Status look={runLook(run)} className="font-semibold [&_svg]:size-5" />
            <span className="text-base font-normal text-ink-soft">in {formatDuration(run.duration_ms)}</span>
          </span>
        }
        lead={
          <Link to="/monitors/$id" params={{ id: testId }} className="link">
            {monitor?.name ?? shortId(testId)}
          </Link>
        }
      />
      {run.error !== null && (
        <p className="rounded-lg border border-red/60 bg-surface px-4 py-3 font-mono text-xs/5 break-words whitespace-pre-wrap text-red">
          {run.error}
        </p>
      )}
      {run.withheld !== undefined && (
        <p className="panel px-4 py-3 text-sm text-ink-soft">What the target answered is withheld from you: you may not see outputs.</p>
      )}
      <div className="grid min-w-0 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Panel title="Steps" aside={`${run.steps_passed} of ${run.steps_total} passed`}>
            {steps.length === 0 ? (
              <p className="px-4 py-4 text-sm text-ink-soft">{run.details} The details of its steps are not kept.</p>
            ) : (
              <RunSteps steps={steps} />
            )}
          </Panel>
          <RunLog lines={lines} runId={run.run_id} isLive={false} empty="What was told while it ran is no longer kept." />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          {pictures.length > 0 && (
            <Panel title="Pictures">
              <RunPictures pictures={pictures} steps={steps} />
            </Panel>
          )}
          <RunFacts
            runId={run.run_id}
            workloadId={run.workload_id ?? null}
            run={run}
            startedAt={run.started_at}
            triggeredBy={run.triggered_by}
          />
        </div>
      </div>
    </div>
  );
}

/** One run, while it goes on and after it: the same page, without the movement. */
export function RunPage() {
  const { id, runId } = useParams({ from: '/monitors/$id/runs/$runId' });
  useMonitorNews(id);
  const monitor = useQuery(trpc.monitors.get.queryOptions({ test_id: id }, { placeholderData: () => undefined })).data;
  const result = useQuery(trpc.monitors.result.queryOptions({ test_id: id, run_id: runId }, { placeholderData: () => undefined }));
  const failure = result.error === null ? null : toFailure(result.error);
  const isMissing = failure?.code === 'NOT_FOUND' && result.data === undefined;
  const refreshMs = useRefreshMs(2000);
  const open = useQuery(
    trpc.monitors.openRuns.queryOptions(
      { test_id: id },
      { enabled: isMissing, refetchInterval: refreshMs, placeholderData: () => undefined },
    ),
  );
  const openRun = open.data?.items.find((run) => run.run_id === runId);
  const name = monitor?.name ?? shortId(id);
  useTitle(`${result.data === undefined ? 'Run' : runLook(result.data).word} · ${name} · Monitors`);
  if (result.data !== undefined) {
    return (
      <div className="flex flex-col gap-4">
        {failure !== null && <FailureStrip what="This page is not up to date." failure={failure} onRetry={() => void result.refetch()} />}
        <FinishedRun run={result.data} monitor={monitor} testId={id} />
      </div>
    );
  }
  if (openRun !== undefined) return <LiveRun key={openRun.workload_id ?? ''} run={openRun} monitor={monitor} />;
  if (failure === null || (isMissing && open.data === undefined && open.error === null)) return <PageSkeleton />;
  if (!isMissing) return <FailurePage failure={failure} onRetry={() => void result.refetch()} />;
  return (
    <>
      {open.error !== null && <FailureStrip what="Runs under way could not be read." failure={toFailure(open.error)} />}
      <FailurePage failure={failure} onRetry={() => void result.refetch()}>
        It may have been cancelled, or removed by retention: <span className="font-mono text-xs break-all">{runId}</span>.{' '}
        <Link to="/monitors/$id" params={{ id }} className="link">
          All runs of {name}
        </Link>
      </FailurePage>
    </>
  );
}
