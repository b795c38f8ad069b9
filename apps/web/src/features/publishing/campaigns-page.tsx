import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { CAMPAIGN_STATUSES, CampaignStatus, type Campaign } from '@tidemark/core/campaigns/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, plural, UNKNOWN } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { useTitle } from '../../lib/title.ts';
import { trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { DataTable, type Column } from '../../ui/data-table.tsx';
import { FailurePage } from '../../ui/failure-page.tsx';
import { Select } from '../../ui/field.tsx';
import { Meter } from '../../ui/meter.tsx';
import { Empty, FailureStrip, WarningStrip } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { Status } from '../../ui/status.tsx';
import { Moment } from '../../ui/time.tsx';
import { campaignLook } from './looks.ts';
import { REFRESH_MS, useFreshPublishing } from './queries.ts';

/** What runs comes first, then what will. */
const ORDER: Record<Campaign['status'], number> = { active: 0, paused: 1, draft: 2, completed: 3 };

const COLUMNS: readonly Column<Campaign>[] = [
  { id: 'state', header: 'State', className: 'w-32', cell: (row) => <Status look={campaignLook(row)} /> },
  {
    id: 'name',
    header: 'Campaign',
    cell: (row) => (
      <Link to="/publishing/campaigns/$id" params={{ id: row.id }} className="link font-medium text-ink">
        {row.name}
      </Link>
    ),
  },
  { id: 'clips', header: 'Clips', className: 'hidden text-right sm:table-cell', cell: (row) => formatCount(row.clip_ids.length) },
  {
    id: 'spent',
    header: 'Spent',
    className: 'hidden sm:table-cell sm:pl-8',
    cell: (row) =>
      row.budget === null ? formatCount(row.spend) : <Meter label={`Spent of ${row.name}`} value={row.spend} max={row.budget} />,
  },
  { id: 'starts', header: 'Starts', className: 'hidden md:table-cell', cell: (row) => <Moment at={row.starts_at} /> },
  { id: 'ends', header: 'Ends', className: 'hidden md:table-cell', cell: (row) => <Moment at={row.ends_at} /> },
];

function List({ rows, isFailed, isFiltered }: { rows: Campaign[] | undefined; isFailed: boolean; isFiltered: boolean }) {
  const navigate = useNavigate({ from: '/publishing/campaigns' });
  return (
    <section aria-label="Campaigns" className="panel overflow-hidden">
      {rows === undefined && !isFailed && <SkeletonRows count={4} />}
      {rows?.length === 0 && !isFiltered && (
        <Empty title="There is no campaign yet">
          A campaign keeps clips, a time and a budget together. Create one with POST /v1/campaigns.
        </Empty>
      )}
      {rows?.length === 0 && isFiltered && (
        <Empty title="No campaign is in this state">
          <Button onClick={() => void navigate({ search: {} })}>Show all campaigns</Button>
        </Empty>
      )}
      {rows !== undefined && rows.length > 0 && (
        <DataTable caption="Campaigns, active ones first" columns={COLUMNS} rows={rows} getRowId={(row) => row.id} />
      )}
    </section>
  );
}

export function CampaignsPage() {
  useTitle('Campaigns');
  useFreshPublishing();
  const search = useSearch({ from: '/publishing/campaigns' });
  const navigate = useNavigate({ from: '/publishing/campaigns' });
  const status = CampaignStatus.safeParse(search.status).data;
  const { data, error, refetch } = useQuery(
    trpc.publishing.campaigns.list.queryOptions(
      { limit: 200, ...(status === undefined ? {} : { status }) },
      { refetchInterval: useRefreshMs(REFRESH_MS) },
    ),
  );
  const totals = useQuery(trpc.publishing.stats.campaigns.queryOptions({})).data;
  const failure = error === null ? null : toFailure(error);
  if (failure?.code === 'FORBIDDEN' || failure?.code === 'UNAUTHORIZED') return <FailurePage failure={failure} />;
  const rows = data?.items.toSorted((left, right) => ORDER[left.status] - ORDER[right.status]);
  return (
    <div className="flex flex-col gap-4">
      <PageHeader
        title="Campaigns"
        lead={
          totals === undefined
            ? UNKNOWN
            : `${totals.active} active, ${totals.paused} paused, ${plural(totals.draft, 'draft')}; ${formatCount(totals.total_budget_spent)} spent in all`
        }
      >
        <Select
          aria-label="State"
          value={status ?? ''}
          options={[
            { value: '', label: 'Any state' },
            ...CAMPAIGN_STATUSES.map((value) => ({ value: value as string, label: campaignLook({ status: value }).word })),
          ]}
          onChange={(value) => void navigate({ search: value === '' ? {} : { status: value } })}
        />
      </PageHeader>
      {failure !== null && <FailureStrip what="The list is not up to date." failure={failure} onRetry={() => void refetch()} />}
      {data !== undefined && data.next_cursor !== null && <WarningStrip>Only the newest 200 campaigns are shown.</WarningStrip>}
      <List rows={rows} isFailed={failure !== null} isFiltered={status !== undefined} />
    </div>
  );
}
