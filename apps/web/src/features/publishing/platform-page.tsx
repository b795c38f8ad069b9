import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { CircleCheck, PauseCircle } from 'lucide-react';
import { PlatformKey, type Platform, type SocialAccount } from '@tidemark/core/platforms/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, formatDuration, UNKNOWN } from '../../lib/format.ts';
import { describeSpan } from '../../lib/ranges.ts';
import { useSpan } from '../../lib/span.ts';
import { useTitle } from '../../lib/title.ts';
import { client, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { DataTable, type Column } from '../../ui/data-table.tsx';
import { FailurePage } from '../../ui/failure-page.tsx';
import { Empty, FailureStrip } from '../../ui/notice.tsx';
import { Fact, Facts, PageHeader, Panel } from '../../ui/page.tsx';
import { RangeMenu } from '../../ui/range-menu.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { Status, type Look } from '../../ui/status.tsx';
import { useZone } from '../../ui/time.tsx';
import { notify } from '../../ui/toast.tsx';
import { PublishingCharts } from './charts.tsx';
import { PLATFORM_NAMES } from './looks.ts';
import { formatShare, refreshPublishing, successShare, useFreshPublishing, useQueueStats } from './queries.ts';
import { RetryCause } from './retry.tsx';
import { PIPELINE_RANGE } from './search.ts';

const ACTIVE: Look = { icon: CircleCheck, word: 'Active', tone: 'green' };
const PAUSED: Look = { icon: PauseCircle, word: 'Paused', tone: 'amber' };

function AccountAction({ account }: { account: SocialAccount }) {
  const status = account.status === 'paused' ? 'active' : 'paused';
  const set = useMutation({
    mutationFn: () => client.publishing.platforms.setAccount.mutate({ platform: account.platform, id: account.id, status }),
    onSuccess: refreshPublishing,
    onError: (error) => notify({ title: 'The account was not changed', detail: toFailure(error).message, tone: 'red' }),
  });
  return (
    <span className="flex justify-end gap-1.5">
      {account.status === 'paused' && <RetryCause cause="auth" scope={{ platform: account.platform, social_account_id: account.id }} />}
      <Button
        size="small"
        disabled={set.isPending}
        aria-label={`${status === 'active' ? 'Resume' : 'Pause'} ${account.id}`}
        onClick={() => set.mutate()}
      >
        {status === 'active' ? 'Resume' : 'Pause'}
      </Button>
    </span>
  );
}

const ACCOUNTS: readonly Column<SocialAccount>[] = [
  { id: 'state', header: 'State', className: 'w-28', cell: (row) => <Status look={row.status === 'paused' ? PAUSED : ACTIVE} /> },
  {
    id: 'account',
    header: 'Account',
    cell: (row) => (
      <span className="flex flex-col">
        <Link to="/publishing/queue" search={{ account: row.id }} className="link text-ink">
          {row.name ?? row.id}
        </Link>
        {row.pause_reason !== null && <span className="text-xs text-ink-soft">{row.pause_reason}</span>}
      </span>
    ),
  },
  { id: 'actions', header: 'Actions', className: 'text-right', cell: (row) => <AccountAction account={row} /> },
];

function Settings({ platform }: { platform: Platform | undefined }) {
  const limit = (value: number | null | undefined): string => (value === null || value === undefined ? 'no limit' : formatCount(value));
  return (
    <Panel title="How it is reached">
      {platform?.connector === null && (
        <Empty title="Not connected">
          An administrator connects it with a webhook address. Until then, publications wait for somebody else to report them.
        </Empty>
      )}
      {platform !== undefined && platform.connector !== null && (
        <Facts>
          <Fact name="State">
            <Status look={platform.paused ? PAUSED : ACTIVE} />
          </Fact>
          <Fact name="Address">
            <span className="break-all">{platform.url}</span>
          </Fact>
          <Fact name="A minute">{limit(platform.rate_per_minute)}</Fact>
          <Fact name="At once">{limit(platform.concurrency)}</Fact>
          <Fact name="Per account">{limit(platform.account_concurrency)}</Fact>
          <Fact name="Tries">{platform.max_attempts}</Fact>
        </Facts>
      )}
    </Panel>
  );
}

function Body({ platform }: { platform: PlatformKey }) {
  const search = useSearch({ from: '/publishing/platforms/$platform' });
  const navigate = useNavigate({ from: '/publishing/platforms/$platform' });
  const span = useSpan(search, PIPELINE_RANGE);
  const words = describeSpan(search, PIPELINE_RANGE, useZone()).replace(/^[LUS]/, (letter) => letter.toLowerCase());
  const settings = useQuery(trpc.publishing.platforms.get.queryOptions({ platform }));
  const accounts = useQuery(trpc.publishing.platforms.listAccounts.queryOptions({ platform, limit: 100 }));
  const stats = useQueueStats(span, platform);
  const error = settings.error ?? accounts.error ?? stats.error;
  const failure = error === null ? null : toFailure(error);
  if (failure?.code === 'FORBIDDEN' || failure?.code === 'UNAUTHORIZED') return <FailurePage failure={failure} />;
  const onZoom = (from: number, to: number): void =>
    void navigate({ search: { from: new Date(from).toISOString(), to: new Date(to).toISOString() } });
  return (
    <div className="flex flex-col gap-4">
      <PageHeader
        title={PLATFORM_NAMES[platform]}
        lead={
          stats.data !== undefined && (
            <>
              {formatCount(stats.data.success)} published, {formatCount(stats.data.failed)} failed ({formatShare(successShare(stats.data))}{' '}
              success), mean {stats.data.avg_processing_time_ms === null ? UNKNOWN : formatDuration(stats.data.avg_processing_time_ms)};{' '}
              {words}
            </>
          )
        }
      >
        <RangeMenu
          label="Time of the figures"
          search={search}
          fallback={PIPELINE_RANGE}
          onChange={(range) => void navigate({ search: range })}
        />
      </PageHeader>
      {failure !== null && <FailureStrip what="This page is not up to date." failure={failure} onRetry={() => void stats.refetch()} />}
      <PublishingCharts span={span} words={words} platform={platform} onZoom={onZoom} />
      <div className="grid min-w-0 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <Panel title="Accounts">
          {accounts.data === undefined && accounts.error === null && <SkeletonRows count={2} />}
          {accounts.data?.items.length === 0 && (
            <Empty title="No account is known yet">An account is known from its first publication.</Empty>
          )}
          {accounts.data !== undefined && accounts.data.items.length > 0 && (
            <DataTable caption="Social accounts" columns={ACCOUNTS} rows={accounts.data.items} getRowId={(row) => row.id} />
          )}
        </Panel>
        <Settings platform={settings.data} />
      </div>
    </div>
  );
}

export function PlatformPage() {
  const { platform } = useParams({ from: '/publishing/platforms/$platform' });
  useFreshPublishing();
  const known = PlatformKey.safeParse(platform);
  useTitle(known.success ? PLATFORM_NAMES[known.data] : 'Platform');
  if (known.success) return <Body platform={known.data} />;
  return (
    <FailurePage
      failure={{
        code: 'NOT_FOUND',
        message: `There is no platform "${platform}". There are instagram, tiktok, youtube and other.`,
        request_id: undefined,
        issues: [],
      }}
    />
  );
}
