import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Pause, Play } from 'lucide-react';
import type { RouterOutputs } from '@tidemark/api';
import type { Campaign, CampaignCounts } from '@tidemark/core/campaigns/contract';
import { SubStatus } from '@tidemark/core/publications/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { useTitle } from '../../lib/title.ts';
import { client, trpc } from '../../lib/trpc.ts';
import type { QueryResult } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { FailurePage } from '../../ui/failure-page.tsx';
import { Meter } from '../../ui/meter.tsx';
import { Empty, FailureStrip } from '../../ui/notice.tsx';
import { Fact, Facts, PageHeader, Panel } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { Status } from '../../ui/status.tsx';
import { FullMoment } from '../../ui/time.tsx';
import { notify } from '../../ui/toast.tsx';
import { Calendar, CALENDAR_FRESH_MS } from './calendar.tsx';
import { campaignLook } from './looks.ts';
import { PublicationsTable } from './publications-table.tsx';
import type { CalendarSearch } from './search.ts';
import { REFRESH_MS, refreshPublishing, useFreshPublishing } from './queries.ts';
import { RetryCause } from './retry.tsx';
import { ViewSwitch } from './view-switch.tsx';

const SHOWN = 200;

/** Pauses or goes on at once; the notice offers the way back. */
function Turn({ campaign }: { campaign: Campaign }) {
  const status = campaign.status === 'active' ? 'paused' : 'active';
  const set = useMutation({
    mutationFn: (to: 'active' | 'paused') => client.publishing.campaigns.update.mutate({ id: campaign.id, status: to }),
    onSuccess: async (_, to) => {
      notify({
        title: to === 'paused' ? `${campaign.name} is paused` : `${campaign.name} goes on`,
        undo: () => set.mutate(to === 'paused' ? 'active' : 'paused'),
      });
      await refreshPublishing();
    },
    onError: (error) => notify({ title: 'The campaign was not changed', detail: toFailure(error).message, tone: 'red' }),
  });
  if (campaign.status === 'completed') return null;
  const Icon = status === 'paused' ? Pause : Play;
  return (
    <Button disabled={set.isPending} onClick={() => set.mutate(status)}>
      <Icon aria-hidden className="size-3.5" /> {status === 'paused' ? 'Pause' : 'Activate'}
    </Button>
  );
}

/** What failed, by cause, each with its way out. */
function Causes({ campaign, counts }: { campaign: Campaign; counts: CampaignCounts | undefined }) {
  const found = SubStatus.options.flatMap((cause) => {
    const count = counts?.failed_by_cause[cause] ?? 0;
    return count > 0 ? [{ cause, count }] : [];
  });
  if (found.length === 0) return null;
  return (
    <div className="flex flex-wrap gap-2 px-4 py-2.5">
      {found.map(({ cause, count }) => (
        <RetryCause key={cause} cause={cause} count={count} scope={{ campaign_id: campaign.id }} />
      ))}
    </div>
  );
}

/** Of all publications of the campaign, however many are listed. */
function Details({ campaign, counts }: { campaign: Campaign; counts: CampaignCounts | undefined }) {
  const failed = counts?.by_status.failed;
  const among = counts?.is_whole === false ? ` of ${formatCount(counts.total)} that were counted` : '';
  return (
    <Panel title="Campaign">
      <Facts>
        <Fact name="State">
          <Status look={campaignLook(campaign)} />
        </Fact>
        <Fact name={`Published${among}`}>
          {counts === undefined || counts.total === 0 ? (
            formatCount(counts?.total)
          ) : (
            <Meter label={`Published${among}`} value={counts.by_status.success} max={counts.total} isProgress />
          )}
        </Fact>
        <Fact name={`Failed${among}`}>
          {failed === undefined || failed === 0 ? (
            formatCount(failed)
          ) : (
            <Link to="/publishing/queue" search={{ campaign: campaign.id, status: 'failed' }} className="link">
              {formatCount(failed)}
            </Link>
          )}
        </Fact>
        <Fact name="Spent">
          {campaign.budget === null ? formatCount(campaign.spend) : <Meter label="Spent" value={campaign.spend} max={campaign.budget} />}
        </Fact>
        <Fact name="Clips">{formatCount(campaign.clip_ids.length)}</Fact>
        <Fact name="Starts">
          <FullMoment at={campaign.starts_at} />
        </Fact>
        <Fact name="Ends">
          <FullMoment at={campaign.ends_at} />
        </Fact>
      </Facts>
    </Panel>
  );
}

type List = QueryResult<RouterOutputs['publishing']['publications']['list']>;

/** The newest publications of the campaign, below what failed of all. */
function Newest({ campaign, list, counts }: { campaign: Campaign; list: List; counts: CampaignCounts | undefined }) {
  const rows = list.data?.items;
  return (
    <>
      {list.error !== null && (
        <FailureStrip what="This is not up to date." failure={toFailure(list.error)} onRetry={() => void list.refetch()} />
      )}
      {rows === undefined && list.error === null && <SkeletonRows count={4} />}
      {rows?.length === 0 && <Empty title="Nothing of this campaign has been published yet" />}
      <Causes campaign={campaign} counts={counts} />
      {rows !== undefined && rows.length > 0 && <PublicationsTable caption="Publications of the campaign, newest first" rows={rows} />}
    </>
  );
}

export function CampaignPage() {
  const { id } = useParams({ from: '/publishing/campaigns/$id' });
  const search = useSearch({ from: '/publishing/campaigns/$id' });
  const navigate = useNavigate({ from: '/publishing/campaigns/$id' });
  const change = (next: CalendarSearch): void => void navigate({ search: (last) => ({ ...last, ...next }) });
  const isCalendar = search.view === 'calendar';
  useFreshPublishing(isCalendar ? CALENDAR_FRESH_MS : undefined);
  const campaign = useQuery(trpc.publishing.campaigns.get.queryOptions({ id }, { placeholderData: () => undefined }));
  const list = useQuery(
    trpc.publishing.publications.list.queryOptions({ campaign_id: id, limit: SHOWN }, { refetchInterval: useRefreshMs(REFRESH_MS) }),
  );
  const counts = useQuery(trpc.publishing.campaigns.counts.queryOptions({ id }, { refetchInterval: useRefreshMs(REFRESH_MS) })).data;
  useTitle(`${campaign.data?.name ?? id} · Campaigns`);
  const failure = campaign.error === null ? null : toFailure(campaign.error);
  if (campaign.data === undefined)
    return failure === null ? <SkeletonRows count={6} /> : <FailurePage failure={failure} onRetry={() => void campaign.refetch()} />;
  const isPart = list.data !== undefined && list.data.next_cursor !== null;
  return (
    <div className="flex flex-col gap-4">
      <PageHeader title={campaign.data.name}>
        <ViewSwitch search={search} onChange={change} />
        <Turn campaign={campaign.data} />
      </PageHeader>
      {failure !== null && <FailureStrip what="This page is not up to date." failure={failure} onRetry={() => void campaign.refetch()} />}
      <div className="grid min-w-0 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <Panel
          title="Publications"
          aside={
            <>
              {!isCalendar && isPart && `The newest ${plural(SHOWN, 'publication')}.`}
              <Link to="/publishing/queue" search={{ campaign: id }} className="link">
                In the queue
              </Link>
            </>
          }
        >
          {isCalendar ? (
            <Calendar filter={{ campaign_id: id }} listed={{ campaign: id }} search={search} onChange={change} />
          ) : (
            <Newest campaign={campaign.data} list={list} counts={counts} />
          )}
        </Panel>
        <Details campaign={campaign.data} counts={counts} />
      </div>
    </div>
  );
}
