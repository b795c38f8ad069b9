import { useNavigate, useSearch } from '@tanstack/react-router';
import {
  useCauses,
  useDashboard,
  useDayStats,
  useMonitorStates,
  usePausedAccounts,
  usePublishingQueue,
  useWorkers,
} from '../../lib/health.ts';
import { useMonitorNews } from '../../lib/monitor-news.ts';
import { toFailure } from '../../lib/failure.ts';
import { groupPaused } from '../../lib/paused-accounts.ts';
import { describeSpan } from '../../lib/ranges.ts';
import { useSpan } from '../../lib/span.ts';
import { useTitle } from '../../lib/title.ts';
import { missingWorkers } from '../../lib/trouble.ts';
import { FailurePage } from '../../ui/failure-page.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { RangeMenu } from '../../ui/range-menu.tsx';
import { useZone } from '../../ui/time.tsx';
import { Attention } from './attention.tsx';
import { Changes } from './changes.tsx';
import { FirstSteps } from './first-steps.tsx';
import { Figures } from './figures.tsx';
import { FleetThroughput, WorkloadCharts } from './throughput.tsx';
import { useAllStats, useOpenOutages } from './queries.ts';
import { headline } from './headline.ts';
import type { Situation } from './headline.ts';
import { OVERVIEW_RANGE } from './search.ts';

/** What happened over the time in the address; choosing a part of it writes it there. */
function History() {
  const search = useSearch({ from: '/' });
  const navigate = useNavigate({ from: '/' });
  const timeZone = useZone();
  const span = useSpan(search, OVERVIEW_RANGE);
  const words = describeSpan(search, OVERVIEW_RANGE, timeZone).replace(/^[LUS]/, (letter) => letter.toLowerCase());
  const onZoom = (from: number, to: number): void =>
    void navigate({ search: { from: new Date(from).toISOString(), to: new Date(to).toISOString() } });
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="text-sm font-semibold">Over time</h2>
        <div className="ml-auto">
          <RangeMenu
            label="Time of the charts"
            search={search}
            fallback={OVERVIEW_RANGE}
            onChange={(range) => void navigate({ search: range })}
          />
        </div>
      </div>
      <div className="grid min-w-0 items-start gap-4 xl:grid-cols-2">
        <WorkloadCharts span={span} words={words} onZoom={onZoom} />
        <FleetThroughput span={span} words={words} onZoom={onZoom} />
        <Changes />
      </div>
    </>
  );
}

type Known = ReturnType<typeof useOverview>;

/** All of it or nothing: half of it would be a wrong sentence. */
function situationOf({ all, missing, causes, outages, openCount, paused, publishing }: Known): Situation | undefined {
  if (all === undefined || causes === undefined || missing === undefined || outages === undefined) return undefined;
  if (openCount === undefined || paused === undefined || publishing === undefined) return undefined;
  const { unconfirmed } = publishing;
  return { running: all.by_status.running, causes, outages, openCount, missing, paused, unconfirmed };
}

/** Everything above the charts. */
function useOverview() {
  const all = useAllStats();
  const day = useDayStats();
  const workers = useWorkers();
  const causes = useCauses();
  const accounts = usePausedAccounts();
  const monitors = useMonitorStates();
  const dashboard = useDashboard();
  const outages = useOpenOutages();
  const publishing = usePublishingQueue();
  useMonitorNews();
  const parts = [all, day, workers, causes, accounts, monitors, dashboard, outages, publishing];
  return {
    all: all.data,
    day: day.data,
    workers: workers.data?.items,
    missing: workers.data && missingWorkers(workers.data.items),
    causes: causes.data,
    paused: accounts.data && groupPaused(accounts.data.items),
    monitors: monitors.data,
    outages: outages.items,
    publishing: publishing.data,
    openCount: dashboard.data?.open_outages,
    error: parts.find((part) => part.error !== null)?.error ?? null,
    refetch: () => Promise.all(parts.map((part) => part.refetch())),
  };
}

export function OverviewPage() {
  useTitle('Overview');
  const known = useOverview();
  const { all, day, workers, missing, causes, paused, monitors, outages, openCount, publishing, error, refetch } = known;
  const failure = error === null ? null : toFailure(error);
  if (failure?.code === 'FORBIDDEN' || failure?.code === 'UNAUTHORIZED') return <FailurePage failure={failure} />;
  const isNew = all?.total === 0 && monitors?.total === 0;
  return (
    <div className="flex flex-col gap-4">
      <PageHeader title={isNew ? 'Nothing has run yet' : headline(situationOf(known))} />
      {failure !== null && <FailureStrip what="This page is not up to date." failure={failure} onRetry={() => void refetch()} />}
      {isNew ? (
        <FirstSteps hasWorker={(workers?.length ?? 0) > 0} />
      ) : (
        <Attention
          workers={missing}
          causes={causes}
          outages={outages}
          openCount={openCount}
          paused={paused}
          isFailed={failure !== null}
          unconfirmed={publishing?.unconfirmed ?? 0}
        />
      )}
      <Figures
        all={all}
        day={day}
        workers={workers}
        monitors={monitors?.by_state ?? undefined}
        openOutages={openCount}
        publishing={publishing}
      />
      <History />
    </div>
  );
}
