import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { LinkProps } from '@tanstack/react-router';
import { Check } from 'lucide-react';
import type { OrchestratorStats, QueueStats } from '@tidemark/core/publishing/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, formatDuration, plural } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { describeSpan } from '../../lib/ranges.ts';
import { useSpan } from '../../lib/span.ts';
import { useTitle } from '../../lib/title.ts';
import { trpc } from '../../lib/trpc.ts';
import { buttonClass } from '../../ui/button.tsx';
import { cn } from '../../ui/class-names.ts';
import { FailurePage } from '../../ui/failure-page.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { Fact, Facts, PageHeader, Panel } from '../../ui/page.tsx';
import { RangeMenu } from '../../ui/range-menu.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { FullMoment, useZone } from '../../ui/time.tsx';
import { PublishingCharts } from './charts.tsx';
import { PlatformsPanel } from './platforms-panel.tsx';
import { PublicationsTable } from './publications-table.tsx';
import { formatShare, REFRESH_MS, successShare, useFreshPublishing, useOrchestrator, useQueueStats } from './queries.ts';
import { Saturation } from './saturation.tsx';
import { PIPELINE_RANGE } from './search.ts';

/** Longer than this, something that is due should not wait; three times as long is bad. */
const OLDEST_TARGET_SECONDS = 300;

type Tone = 'good' | 'attention' | 'bad';
const TONE_CLASS: Record<Tone, string> = { good: '', attention: 'text-amber', bad: 'text-red' };

function ageTone(seconds: number | null | undefined): Tone {
  if (seconds === null || seconds === undefined || seconds <= OLDEST_TARGET_SECONDS) return 'good';
  return seconds > 3 * OLDEST_TARGET_SECONDS ? 'bad' : 'attention';
}

function headline(now: QueueStats | undefined, inRange: QueueStats | undefined): string {
  if (now === undefined || inRange === undefined) return 'Publishing';
  if (now.unconfirmed > 0) return `Publishing · ${plural(now.unconfirmed, 'publication')} unconfirmed`;
  const age = ageTone(now.oldest_pending_age_seconds);
  if (age === 'bad') return `Publishing · the oldest waits ${formatDuration((now.oldest_pending_age_seconds ?? 0) * 1000)}`;
  return inRange.failed > 0 ? `Publishing · ${formatCount(inRange.failed)} failed` : 'Publishing · healthy';
}

function Figure({
  name,
  value,
  note,
  tone = 'good',
  ...link
}: { name: string; value: string; note: string; tone?: Tone } & Pick<LinkProps, 'to' | 'search'>) {
  return (
    <Link {...link} className="flex min-w-28 flex-1 flex-col px-4 py-2.5 -outline-offset-2 hover:bg-sunken">
      <span className="text-xs text-ink-soft">{name}</span>
      <span className={cn('text-xl/7 font-semibold tracking-[-0.01em]', TONE_CLASS[tone])}>{value}</span>
      <span className="text-xs text-ink-mute">{note}</span>
    </Link>
  );
}

function Figures({
  stats,
  all,
  words,
  search,
}: {
  stats: QueueStats | undefined;
  all: QueueStats | undefined;
  words: string;
  search: object;
}) {
  const to = '/publishing/queue';
  return (
    <section aria-label="Figures" className="panel flex flex-wrap divide-line sm:divide-x">
      <Figure name="Published" value={formatCount(stats?.success)} note={words} to={to} search={{ ...search, status: 'success' }} />
      <Figure
        name="Success"
        value={formatShare(stats === undefined ? null : successShare(stats))}
        note={`of what ended, ${words}`}
        to={to}
        search={search}
      />
      <Figure
        name="Failed"
        value={formatCount(stats?.failed)}
        note={words}
        tone={(stats?.failed ?? 0) > 0 ? 'bad' : 'good'}
        to={to}
        search={{ ...search, status: 'failed' }}
      />
      <Figure
        name="Unconfirmed"
        value={formatCount(stats?.unconfirmed)}
        note="retry needs consent"
        tone={(stats?.unconfirmed ?? 0) > 0 ? 'attention' : 'good'}
        to={to}
        search={{ ...search, status: 'failed', cause: 'unconfirmed' }}
      />
      <Figure name="Scheduled" value={formatCount(all?.scheduled)} note="for later" to={to} search={{ status: 'scheduled' }} />
    </section>
  );
}

function QueuePanel({ all, stats, words }: { all: QueueStats | undefined; stats: QueueStats | undefined; words: string }) {
  const age = all?.oldest_pending_age_seconds ?? null;
  return (
    <Panel
      title="Queue"
      aside={
        <Link to="/publishing/queue" className="link">
          Open the queue
        </Link>
      }
    >
      <Facts>
        <Fact name="Pending">
          <Link to="/publishing/queue" search={{ status: 'pending' }} className="link text-ink">
            {formatCount(all?.pending)}
          </Link>
        </Fact>
        <Fact name="Processing">
          <Link to="/publishing/queue" search={{ status: 'processing' }} className="link text-ink">
            {formatCount(all?.processing)}
          </Link>
        </Fact>
        <Fact name="Oldest due">
          <span className={cn('font-semibold', TONE_CLASS[ageTone(age)])}>
            {age === null ? 'none waits' : `waits ${formatDuration(age * 1000)}`}
          </span>
          <span className="text-ink-mute"> (target {formatDuration(OLDEST_TARGET_SECONDS * 1000)})</span>
        </Fact>
        <Fact name="Mean time">
          {formatDuration(stats?.avg_processing_time_ms)}{' '}
          <span className="text-ink-mute">
            of {plural(stats?.sample_count ?? 0, 'publication')}, {words}
          </span>
        </Fact>
      </Facts>
    </Panel>
  );
}

function OrchestratorPanel({ data }: { data: OrchestratorStats | undefined }) {
  const slots = data === undefined || data.slots_total === 0 ? 0 : data.slots_busy / data.slots_total;
  return (
    <Panel title="Orchestrator">
      <Facts>
        <Fact name="Last look">
          <FullMoment at={data?.last_tick_at ?? null} />
          {typeof data?.last_tick_duration_ms === 'number' && (
            <span className="text-ink-mute"> took {formatDuration(data.last_tick_duration_ms)}</span>
          )}
        </Fact>
        <Fact name="Actions">
          {formatCount(data?.actions_last_run)} <span className="text-ink-mute">last hour</span>, {formatCount(data?.actions_last_24h)}{' '}
          <span className="text-ink-mute">last 24 h</span>
        </Fact>
        <Fact name="Accounts busy">{formatCount(data?.active_workers)}</Fact>
      </Facts>
      <div className="flex flex-col gap-3 px-4 pb-4">
        <Saturation
          label="Queue saturation"
          ratio={data?.queue_saturation ?? 0}
          note="Waiting and processing, of all publications there are."
        />
        <Saturation
          label={`Slots busy: ${formatCount(data?.slots_busy)} of ${formatCount(data?.slots_total)}`}
          ratio={slots}
          note="Publish workloads under way, of the slots of living workers that publish."
        />
      </div>
    </Panel>
  );
}

function LastFailures() {
  const { data, error, refetch } = useQuery(
    trpc.publishing.publications.list.queryOptions({ status: 'failed', limit: 5 }, { refetchInterval: useRefreshMs(REFRESH_MS) }),
  );
  return (
    <Panel
      title="Last failures"
      aside={
        <Link to="/publishing/queue" search={{ status: 'failed' }} className="link">
          All failures
        </Link>
      }
    >
      {error !== null && <FailureStrip what="This is not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <SkeletonRows count={2} />}
      {data?.items.length === 0 && (
        <p className="flex items-center gap-2 px-4 py-2.5 text-sm">
          <Check aria-hidden className="size-4 text-green" strokeWidth={2.5} /> Nothing has failed.
        </p>
      )}
      {data !== undefined && data.items.length > 0 && <PublicationsTable caption="Last failed publications" rows={data.items} />}
    </Panel>
  );
}

export function PipelinePage() {
  useTitle('Publishing');
  useFreshPublishing();
  const search = useSearch({ from: '/publishing' });
  const navigate = useNavigate({ from: '/publishing' });
  const timeZone = useZone();
  const span = useSpan(search, PIPELINE_RANGE);
  const stats = useQueueStats(span);
  const all = useQueueStats(null);
  const orchestrator = useOrchestrator();
  const words = describeSpan(search, PIPELINE_RANGE, timeZone).replace(/^[LUS]/, (letter) => letter.toLowerCase());
  const shown = search.range === undefined && search.from === undefined && search.to === undefined ? { range: PIPELINE_RANGE } : search;
  const error = stats.error ?? all.error ?? orchestrator.error;
  const failure = error === null ? null : toFailure(error);
  if (failure?.code === 'FORBIDDEN' || failure?.code === 'UNAUTHORIZED') return <FailurePage failure={failure} />;
  const onZoom = (from: number, to: number): void =>
    void navigate({ search: { from: new Date(from).toISOString(), to: new Date(to).toISOString() } });
  return (
    <div className="flex flex-col gap-4">
      <PageHeader title={headline(all.data, stats.data)}>
        <RangeMenu
          label="Time of the figures"
          search={search}
          fallback={PIPELINE_RANGE}
          onChange={(range) => void navigate({ search: range })}
        />
        <Link to="/publishing/queue" search={{ panel: 'new' }} className={buttonClass('primary')}>
          Publish
        </Link>
      </PageHeader>
      {failure !== null && (
        <FailureStrip
          what="This page is not up to date."
          failure={failure}
          onRetry={() => void Promise.all([stats.refetch(), all.refetch(), orchestrator.refetch()])}
        />
      )}
      <Figures stats={stats.data} all={all.data} words={words} search={shown} />
      <div className="grid min-w-0 items-start gap-4 lg:grid-cols-2">
        <QueuePanel all={all.data} stats={stats.data} words={words} />
        <OrchestratorPanel data={orchestrator.data} />
      </div>
      <PlatformsPanel span={span} search={search} />
      <PublishingCharts span={span} words={words} onZoom={onZoom} />
      <LastFailures />
    </div>
  );
}
