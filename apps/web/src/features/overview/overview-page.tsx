import type { Stats } from '@tidemark/core/stats/contract';
import type { Worker } from '@tidemark/core/workers/contract';
import { useDayStats, useWorkers } from '../../lib/health.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { toFailure } from '../../lib/failure.ts';
import { useTitle } from '../../lib/title.ts';
import { FailurePage } from '../../ui/failure-page.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { Attention } from './attention.tsx';
import { Changes } from './changes.tsx';
import { FirstSteps } from './first-steps.tsx';
import { Figures } from './figures.tsx';
import { Throughput } from './throughput.tsx';
import { useAllStats, useFailures } from './queries.ts';

/** One sentence that answers "is it fine?"; silent until it is known. */
function headline(running: number | undefined, troubles: number | undefined): string {
  if (running === undefined || troubles === undefined) return 'Overview';
  const state = running === 0 ? 'Nothing is running' : `${plural(running, 'workload')} running`;
  return troubles === 0
    ? `${state}, nothing needs attention`
    : `${state}, ${formatCount(troubles)} ${troubles === 1 ? 'thing needs' : 'things need'} attention`;
}

function countTroubles(day: Stats | undefined, bad: readonly Worker[] | undefined): number | undefined {
  return day === undefined || bad === undefined ? undefined : day.by_status.failed + bad.length;
}

function missingWorkers(workers: readonly Worker[] | undefined): Worker[] | undefined {
  return workers?.filter((worker) => worker.liveness === 'lost' || worker.liveness === 'late');
}

export function OverviewPage() {
  useTitle('Overview');
  const all = useAllStats();
  const day = useDayStats();
  const workers = useWorkers();
  const failures = useFailures();
  const bad = missingWorkers(workers.data?.items);
  const troubles = countTroubles(day.data, bad);
  const error = all.error ?? day.error ?? workers.error ?? failures.error;
  const failure = error === null ? null : toFailure(error);
  if (failure?.code === 'FORBIDDEN' || failure?.code === 'UNAUTHORIZED') return <FailurePage failure={failure} />;
  const isNew = all.data?.total === 0;
  return (
    <div className="flex flex-col gap-4">
      <PageHeader title={isNew ? 'Nothing has run yet' : headline(all.data?.by_status.running, troubles)} />
      {failure !== null && (
        <FailureStrip
          what="This page is not up to date."
          failure={failure}
          onRetry={() => void Promise.all([all.refetch(), day.refetch(), workers.refetch(), failures.refetch()])}
        />
      )}
      {isNew ? (
        <FirstSteps hasWorker={(workers.data?.items.length ?? 0) > 0} />
      ) : (
        <Attention workers={bad} failures={failures.data?.items} failedCount={day.data?.by_status.failed} />
      )}
      <Figures all={all.data} day={day.data} workers={workers.data?.items} />
      <div className="grid min-w-0 items-start gap-4 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Throughput />
        <Changes />
      </div>
    </div>
  );
}
