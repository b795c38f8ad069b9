import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { Outage } from '@tidemark/core/outages/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, formatDuration, shortId } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { useMonitorNews } from '../../lib/monitor-news.ts';
import { picturesOf, stepsOf } from '../../lib/run-result.ts';
import { useTitle } from '../../lib/title.ts';
import { trpc } from '../../lib/trpc.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { FailurePage } from '../../ui/failure-page.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { PageHeader, Panel } from '../../ui/page.tsx';
import { RunPictures, RunSteps, toShown } from '../../ui/run-steps.tsx';
import { PageSkeleton, SkeletonRows } from '../../ui/skeleton.tsx';
import { OUTAGE_LOOK, Status } from '../../ui/status.tsx';
import { Elapsed, FullMoment } from '../../ui/time.tsx';
import { Vital, Vitals } from '../../ui/vitals.tsx';
import { Actions } from './actions.tsx';
import { AroundChart } from './around-chart.tsx';
import { OutageTimeline } from './timeline.tsx';

/** The run that shows what was wrong. */
function FailingRun({ outage }: { outage: Outage }) {
  const { data, error } = useQuery(
    trpc.monitors.result.queryOptions({ test_id: outage.test_id, run_id: outage.last_run_id }, { placeholderData: () => undefined }),
  );
  const steps = data === undefined ? [] : stepsOf(data).map(toShown);
  const pictures = data === undefined ? [] : picturesOf(data);
  const isGone = error !== null && toFailure(error).code === 'NOT_FOUND';
  return (
    <Panel
      title="Last failed run"
      aside={
        <Link to="/monitors/$id/runs/$runId" params={{ id: outage.test_id, runId: outage.last_run_id }} className="link">
          Open it
        </Link>
      }
    >
      {data === undefined && error === null && <SkeletonRows count={2} />}
      {isGone && <p className="px-4 py-4 text-sm text-ink-soft">This run is no longer kept.</p>}
      {error !== null && !isGone && <FailureStrip what="The run could not be read." failure={toFailure(error)} />}
      {data !== undefined && data.error !== null && (
        <p className="border-b border-line px-4 py-3 font-mono text-xs/5 break-words whitespace-pre-wrap text-red">{data.error}</p>
      )}
      {steps.length > 0 && <RunSteps steps={steps} />}
      {pictures.length > 0 && <RunPictures pictures={pictures} steps={steps} />}
    </Panel>
  );
}

function Figures({ outage }: { outage: Outage }) {
  return (
    <div className="panel overflow-hidden">
      <Vitals label="Figures">
        <Vital name="Opened">
          <span className="text-sm font-medium">
            <FullMoment at={outage.opened_at} />
          </span>
        </Vital>
        <Vital name={outage.resolved_at === null ? 'Down for' : 'Was down for'} isBad={outage.resolved_at === null}>
          <Elapsed ms={outage.duration_ms} since={outage.opened_at} />
        </Vital>
        <Vital
          name="Down at least"
          note={outage.down_max_ms === null ? 'first to last failure' : `at most ${formatDuration(outage.down_max_ms)}`}
        >
          {formatDuration(outage.down_min_ms)}
        </Vital>
        <Vital name="Failed runs">{formatCount(outage.failed_runs)}</Vital>
        {outage.muted_until !== null && (
          <Vital name="Muted until">
            <span className="text-sm font-medium">
              <FullMoment at={outage.muted_until} />
            </span>
          </Vital>
        )}
      </Vitals>
    </div>
  );
}

function Header({ outage }: { outage: Outage }) {
  return (
    <PageHeader
      title={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Status look={OUTAGE_LOOK[outage.status]} className="font-semibold [&_svg]:size-5" />
          <Link to="/monitors/$id" params={{ id: outage.test_id }} className="link font-normal break-words text-ink">
            {outage.test_name}
          </Link>
        </span>
      }
      lead={
        <span className="inline-flex flex-wrap items-center gap-1">
          <span className="font-mono text-xs break-all">{outage.id}</span>
          <CopyButton value={outage.id} label="Copy id" />
        </span>
      }
    >
      <Actions outage={outage} />
    </PageHeader>
  );
}

export function IncidentPage() {
  const { id } = useParams({ from: '/incidents/$id' });
  useMonitorNews();
  const { data, error, refetch } = useQuery(
    trpc.outages.get.queryOptions({ id }, { placeholderData: () => undefined, refetchInterval: useRefreshMs(30_000) }),
  );
  useTitle(`${data === undefined ? shortId(id) : `${OUTAGE_LOOK[data.status].word}: ${data.test_name}`} · Incidents`);
  const failure = error === null ? null : toFailure(error);
  if (failure?.code === 'NOT_FOUND' || (failure !== null && data === undefined)) {
    return (
      <FailurePage failure={failure} onRetry={() => void refetch()}>
        <Link to="/incidents" className="link">
          All incidents
        </Link>
      </FailurePage>
    );
  }
  if (data === undefined) return <PageSkeleton />;
  return (
    <div className="flex flex-col gap-4">
      <Header outage={data} />
      {failure !== null && <FailureStrip what="This page is not up to date." failure={failure} onRetry={() => void refetch()} />}
      <Figures outage={data} />
      <div className="grid min-w-0 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem] xl:grid-rows-[auto_1fr]">
        <FailingRun outage={data} />
        <div className="min-w-0 xl:col-start-2 xl:row-span-2 xl:row-start-1">
          <OutageTimeline outage={data} />
        </div>
        <AroundChart outage={data} />
      </div>
      <p className="text-sm text-ink-soft">
        <Link to="/incidents" search={{ monitor: data.test_id }} className="link">
          Other outages of {data.test_name}
        </Link>
      </p>
    </div>
  );
}
