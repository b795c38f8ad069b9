import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Ban, LoaderCircle } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Monitor, OpenRun } from '@tidemark/core/monitors/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatDuration, shortId } from '../../lib/format.ts';
import { live } from '../../lib/live/hub.ts';
import { useWorkloadFeed } from '../../lib/live/use-workload-feed.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { PageHeader, Panel } from '../../ui/page.tsx';
import { RunSteps } from '../../ui/run-steps.tsx';
import type { ShownStep } from '../../ui/run-steps.tsx';
import { Status } from '../../ui/status.tsx';
import type { Look } from '../../ui/status.tsx';
import { Elapsed } from '../../ui/time.tsx';
import { notify } from '../../ui/toast.tsx';
import { RunFacts } from './run-facts.tsx';
import { RunLog } from './run-log.tsx';
import { advance, NOT_STARTED } from './run-progress.ts';
import type { RunProgress } from './run-progress.ts';
import { stepName } from './words.ts';

const RUNNING: Look = { icon: LoaderCircle, word: 'Running', tone: 'blue', isMoving: true };
const WAITING: Look = { ...RUNNING, word: 'Waiting for a worker', tone: 'grey' };
const ENDING: Look = { ...RUNNING, word: 'Recording the result' };

/** Planned steps, as far as the agent has come with them. */
function stepsOf(progress: RunProgress, monitor: Monitor | undefined): ShownStep[] {
  const planned = monitor === undefined ? [] : monitor.steps.length === 0 ? [`GET ${monitor.url ?? ''}`] : monitor.steps.map(stepName);
  const count = Math.max(planned.length, ...progress.steps.keys());
  return Array.from({ length: count }, (_, index) => {
    const step = progress.steps.get(index + 1);
    return {
      step_number: index + 1,
      name: step?.name ?? planned[index] ?? '',
      state: step?.state ?? 'waiting',
      since: step?.since ?? null,
      duration_ms: step?.duration_ms ?? null,
      error: null,
      assertions: [],
      phases: null,
    };
  });
}

function Cancel({ workloadId }: { workloadId: string }) {
  const cancel = useMutation({
    mutationFn: () => client.workloads.cancel.mutate({ id: workloadId }),
    onSuccess: () => notify({ title: 'Cancel requested', detail: 'A cancelled run is no run: it is not counted.' }),
    onError: (error) => notify({ title: 'Could not cancel', detail: toFailure(error).message, tone: 'red' }),
  });
  return (
    <Button disabled={cancel.isPending} onClick={() => cancel.mutate()}>
      <Ban aria-hidden className="size-4" /> Cancel
    </Button>
  );
}

/** Everything its agent has told so far, from the first event on, and then as it happens. */
function useProgress(workloadId: string): RunProgress {
  const [progress, setProgress] = useState(NOT_STARTED);
  useWorkloadFeed(workloadId, progress.isOver, (events) => setProgress((last) => events.reduce(advance, last)));
  return progress;
}

/** The result is written a moment after the workload has ended. */
function useResult(isOver: boolean): void {
  useEffect(() => {
    if (!isOver) return undefined;
    const read = (): void => {
      if (!live.isPaused()) void queryClient.invalidateQueries({ queryKey: trpc.monitors.pathKey() });
    };
    read();
    const timer = setInterval(read, 1000);
    return () => clearInterval(timer);
  }, [isOver]);
}

function Body({ run, monitor, progress }: { run: OpenRun; monitor: Monitor | undefined; progress: RunProgress }) {
  const steps = stepsOf(progress, monitor);
  const usual = useQuery(trpc.monitors.uptime.queryOptions({ test_id: run.test_id, hours: 24 })).data?.avg_duration_ms ?? null;
  const at = steps.findLast((step) => step.state === 'running') ?? steps.findLast((step) => step.state !== 'waiting');
  const look = progress.isOver ? ENDING : progress.started_at === null ? WAITING : RUNNING;
  return (
    <div className="flex flex-col gap-4">
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Status look={look} className="font-semibold [&_svg]:size-5" />
            <span className="text-base font-normal text-ink-soft">
              {at !== undefined && progress.started_at !== null && `step ${at.step_number} of ${steps.length} · `}
              <Elapsed ms={null} since={progress.started_at ?? run.created_at} />
              {usual !== null && ` · usually ${formatDuration(usual)}`}
            </span>
          </span>
        }
        lead={
          <Link to="/monitors/$id" params={{ id: run.test_id }} className="link">
            {monitor?.name ?? shortId(run.test_id)}
          </Link>
        }
      >
        {run.workload_id !== null && !progress.isOver && <Cancel workloadId={run.workload_id} />}
      </PageHeader>
      <div className="grid min-w-0 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Panel title="Steps" aside={progress.attempt > 1 ? `attempt ${progress.attempt}: the worker before was lost` : undefined}>
            <RunSteps steps={steps} />
          </Panel>
          <RunLog lines={progress.lines} runId={run.run_id} isLive empty="Lines appear here as soon as a worker has taken it." />
        </div>
        <RunFacts
          runId={run.run_id}
          workloadId={run.workload_id}
          run={undefined}
          startedAt={progress.started_at}
          triggeredBy={run.triggered_by}
        />
      </div>
    </div>
  );
}

function Followed({ run, workloadId, monitor }: { run: OpenRun; workloadId: string; monitor: Monitor | undefined }) {
  const progress = useProgress(workloadId);
  useResult(progress.isOver);
  return <Body run={run} monitor={monitor} progress={progress} />;
}

/** A run that goes on. */
export function LiveRun({ run, monitor }: { run: OpenRun; monitor: Monitor | undefined }) {
  if (run.workload_id === null) return <Body run={run} monitor={monitor} progress={NOT_STARTED} />;
  return <Followed run={run} workloadId={run.workload_id} monitor={monitor} />;
}
