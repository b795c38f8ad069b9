import { Tabs } from '@base-ui/react/tabs';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { ReactNode } from 'react';
import type { Monitor } from '@tidemark/core/monitors/contract';
import { toFailure } from '../../lib/failure.ts';
import { shortId } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { useKept } from '../../lib/kept.ts';
import { useMonitorNews } from '../../lib/monitor-news.ts';
import { describeSpan, HOUR_MS } from '../../lib/ranges.ts';
import type { Span } from '../../lib/ranges.ts';
import { useSpan } from '../../lib/span.ts';
import { useTitle } from '../../lib/title.ts';
import { trpc } from '../../lib/trpc.ts';
import { FailurePage } from '../../ui/failure-page.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { Panel } from '../../ui/page.tsx';
import { RangeMenu } from '../../ui/range-menu.tsx';
import { PageSkeleton, Skeleton, SkeletonRows } from '../../ui/skeleton.tsx';
import { monitorLook } from '../../ui/status.tsx';
import { useZone } from '../../ui/time.tsx';
import { AvailabilityFigures, CALENDAR_FROM_MS, Cells } from './availability.tsx';
import { ExcludeDialog } from './exclude-dialog.tsx';
import { Headline } from './headline.tsx';
import { OutagesTab } from './outages-tab.tsx';
import { ResponseChart } from './response-chart.tsx';
import { ResultsTab } from './results-tab.tsx';
import { MONITOR_RANGE, TABS } from './search.ts';
import type { Tab } from './search.ts';
import { SloPanel } from './slo-panel.tsx';
import { StepsTab } from './steps-tab.tsx';

const AlertsTab = lazy(async () => ({ default: (await import('./alerts-tab.tsx')).AlertsTab }));
const ConfigurationTab = lazy(async () => ({ default: (await import('./configuration-tab.tsx')).ConfigurationTab }));

const TAB_WORDS: Record<Tab, string> = {
  results: 'Results',
  outages: 'Outages',
  steps: 'Steps',
  configuration: 'Configuration',
  alerts: 'Alerts',
};

/** Everything of a stretch of time that the figures are made of. */
function useFigures(testId: string, span: Span) {
  const timeZone = useZone();
  const from = new Date(span.from).toISOString();
  const to = span.isSliding ? undefined : new Date(span.to).toISOString();
  const isDays = span.to - span.from >= CALENDAR_FROM_MS;
  const refetchInterval = useRefreshMs(60_000);
  const timeline = useQuery(
    trpc.monitors.timeline.queryOptions(
      { test_id: testId, from, to, ...(isDays ? { timezone: timeZone } : { cells: 90 }) },
      { refetchInterval },
    ),
  );
  const uptime = useQuery(trpc.monitors.uptime.queryOptions({ test_id: testId, from, to }, { refetchInterval }));
  const hours = Math.round((span.to - span.from) / HOUR_MS);
  const canGlance = span.isSliding && hours >= 1 && hours <= 2160;
  const glance = useQuery(trpc.monitors.glance.queryOptions({ test_ids: [testId], hours }, { enabled: canGlance, refetchInterval }));
  // Since when its state holds is asked of now, whatever the page shows.
  const now = useQuery(trpc.monitors.timeline.queryOptions({ test_id: testId, hours: 1, cells: 1 }, { refetchInterval }));
  // A sliding stretch asks something new every minute; while nobody answers, the last answer stands.
  const question = `${testId} ${span.isSliding ? hours : `${span.from} ${span.to}`} ${isDays ? timeZone : ''}`;
  const shown = { timeline: useKept(timeline, question), uptime: useKept(uptime, question), glance: useKept(glance, question) };
  return {
    timeline: shown.timeline.data,
    uptime: shown.uptime.data,
    isDays,
    p95Ms: canGlance ? shown.glance.data?.items[0]?.p95_ms : null,
    since: now.data?.state_since,
    error: timeline.error ?? uptime.error,
    refetch: () => Promise.all([timeline.refetch(), uptime.refetch()]),
  };
}

function Overview({
  monitor,
  span,
  words,
  onZoom,
  figures,
  range,
}: {
  monitor: Monitor;
  span: Span;
  words: string;
  onZoom(from: number, to: number): void;
  figures: ReturnType<typeof useFigures>;
  range: ReactNode;
}) {
  const { timeline, uptime, isDays, p95Ms, error, refetch } = figures;
  const opened = new Set((timeline?.segments ?? []).filter((segment) => segment.state === 'down').map((segment) => segment.from));
  return (
    <>
      {error !== null && <FailureStrip what="The figures are not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
      <div className="grid min-w-0 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_20rem] xl:has-[>:only-child]:grid-cols-1">
        <div className="flex min-w-0 flex-col gap-4">
          <Panel
            title="Availability"
            aside={
              <>
                <ExcludeDialog testId={monitor.id} span={span} />
                {range}
              </>
            }
          >
            {timeline === undefined ? (
              <div className="px-4 py-4">
                <Skeleton className="h-9 w-full" />
              </div>
            ) : (
              <Cells timeline={timeline} words={words} isDays={isDays} onZoom={onZoom} />
            )}
            <div className="border-t border-line">
              <AvailabilityFigures testId={monitor.id} span={span} uptime={uptime} p95Ms={p95Ms} outages={timeline && opened.size} />
            </div>
          </Panel>
          <Panel title="Response time">
            <ResponseChart testId={monitor.id} span={span} words={words} timeline={timeline} onZoom={onZoom} />
          </Panel>
        </div>
        {monitor.slo_target_pct !== null && <SloPanel monitor={monitor} />}
      </div>
    </>
  );
}

function TabContent({ tab, monitor }: { tab: Tab; monitor: Monitor }): ReactNode {
  switch (tab) {
    case 'results':
      return <ResultsTab testId={monitor.id} />;
    case 'outages':
      return <OutagesTab testId={monitor.id} />;
    case 'steps':
      return <StepsTab monitor={monitor} />;
    case 'configuration':
      return <ConfigurationTab monitor={monitor} />;
    case 'alerts':
      return <AlertsTab key={monitor.id} monitor={monitor} />;
  }
}

function Parts({ monitor, tab }: { monitor: Monitor; tab: Tab }) {
  const navigate = useNavigate({ from: '/monitors/$id' });
  const choose = (value: unknown): void => {
    const next = TABS.find((name) => name === value);
    if (next === undefined) return;
    void navigate({
      search: (last) => ({ ...last, tab: next === 'results' ? undefined : next, cursor: undefined, outcome: undefined }),
      resetScroll: false,
    });
  };
  return (
    <Tabs.Root
      value={tab}
      onValueChange={choose}
      render={<section aria-label="History and definition" />}
      className="panel min-w-0 overflow-hidden"
    >
      <Tabs.List className="flex overflow-x-auto border-b border-line px-2">
        {TABS.map((name) => (
          <Tabs.Tab
            key={name}
            value={name}
            className="-mb-px flex h-10 shrink-0 items-center border-b-2 border-transparent px-3 text-sm font-medium whitespace-nowrap text-ink-soft -outline-offset-2 hover:text-ink data-[active]:border-accent data-[active]:text-ink"
          >
            {TAB_WORDS[name]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={tab} className="-outline-offset-2">
        <Suspense fallback={<SkeletonRows count={4} />}>
          <TabContent tab={tab} monitor={monitor} />
        </Suspense>
      </Tabs.Panel>
    </Tabs.Root>
  );
}

export function MonitorPage() {
  const { id } = useParams({ from: '/monitors/$id' });
  const search = useSearch({ from: '/monitors/$id' });
  const navigate = useNavigate({ from: '/monitors/$id' });
  const timeZone = useZone();
  const span = useSpan(search, MONITOR_RANGE);
  useMonitorNews(id);
  const { data, error, refetch } = useQuery(
    trpc.monitors.get.queryOptions({ test_id: id }, { placeholderData: () => undefined, refetchInterval: useRefreshMs(30_000) }),
  );
  const openRuns = useQuery(
    trpc.monitors.openRuns.queryOptions({ test_id: id }, { placeholderData: () => undefined, enabled: data !== undefined }),
  );
  const figures = useFigures(id, span);
  useTitle(`${data === undefined ? shortId(id) : `${monitorLook(data).word}: ${data.name}`} · Monitors`);
  const failure = error === null ? null : toFailure(error);
  if (failure?.code === 'NOT_FOUND' || (failure !== null && data === undefined)) {
    return (
      <FailurePage failure={failure} onRetry={() => void refetch()}>
        <Link to="/monitors" className="link">
          All monitors
        </Link>
      </FailurePage>
    );
  }
  if (data === undefined) return <PageSkeleton />;
  const words = describeSpan(search, MONITOR_RANGE, timeZone).replace(/^[LUS]/, (letter) => letter.toLowerCase());
  const onZoom = (from: number, to: number): void =>
    void navigate({
      search: (last) => ({ ...last, range: undefined, from: new Date(from).toISOString(), to: new Date(to).toISOString() }),
      resetScroll: false,
    });
  return (
    <div className="flex flex-col gap-4">
      <Headline monitor={data} since={figures.since} openRuns={openRuns.data?.items ?? []} />
      {failure !== null && <FailureStrip what="This page is not up to date." failure={failure} onRetry={() => void refetch()} />}
      <Overview
        monitor={data}
        span={span}
        words={words}
        onZoom={onZoom}
        figures={figures}
        range={
          <RangeMenu
            label="Time"
            search={search}
            fallback={MONITOR_RANGE}
            onChange={(range) => void navigate({ search: (last) => ({ ...last, ...range }), resetScroll: false })}
          />
        }
      />
      <Parts monitor={data} tab={search.tab === undefined ? 'results' : (TABS.find((name) => name === search.tab) ?? 'results')} />
    </div>
  );
}
