import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { Outage } from '@tidemark/core/outages/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { useMonitorNews } from '../../lib/monitor-news.ts';
import { useTitle } from '../../lib/title.ts';
import { trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { FilterChip } from '../../ui/chip.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { FailurePage } from '../../ui/failure-page.tsx';
import { Select } from '../../ui/field.tsx';
import { Dropped } from '../../ui/list-notices.tsx';
import { Empty, FailureStrip } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { Pager } from '../../ui/pager.tsx';
import { ProgressLine, SkeletonRows } from '../../ui/skeleton.tsx';
import { Moment } from '../../ui/time.tsx';
import { OUTAGE_COLUMNS } from './columns.tsx';
import type { OutageSearch } from './search.ts';

const UNRESOLVED_MAX = 200;
const PAGE_SIZE = 50;
const STATES = [
  { value: '', label: 'Any state' },
  { value: 'open', label: 'Open' },
  { value: 'acknowledged', label: 'Acknowledged' },
  { value: 'resolved', label: 'Resolved' },
];
const rowId = (outage: Outage): string => outage.id;

/** Those that go on come first, whatever their age; those that are over follow page by page. */
function useOutages(search: OutageSearch) {
  const options = { refetchInterval: useRefreshMs(30_000) };
  const of = { test_id: search.monitor };
  const isFirst = search.cursor === undefined;
  const wants = (status: string): boolean => search.status === undefined || search.status === status;
  const open = useQuery(
    trpc.outages.list.queryOptions({ ...of, status: 'open', limit: UNRESOLVED_MAX }, { ...options, enabled: isFirst && wants('open') }),
  );
  const acknowledged = useQuery(
    trpc.outages.list.queryOptions(
      { ...of, status: 'acknowledged', limit: UNRESOLVED_MAX },
      { ...options, enabled: isFirst && wants('acknowledged') },
    ),
  );
  const resolved = useQuery(
    trpc.outages.list.queryOptions(
      { ...of, status: 'resolved', limit: PAGE_SIZE, cursor: search.cursor },
      { ...options, enabled: wants('resolved') },
    ),
  );
  const parts = [
    ...(isFirst && wants('open') ? [open] : []),
    ...(isFirst && wants('acknowledged') ? [acknowledged] : []),
    ...(wants('resolved') ? [resolved] : []),
  ];
  return {
    items: parts.every((part) => part.data !== undefined) ? parts.flatMap((part) => part.data?.items ?? []) : undefined,
    next: wants('resolved') ? (resolved.data?.next_cursor ?? null) : null,
    error: parts.find((part) => part.error !== null)?.error ?? null,
    isFetching: parts.some((part) => part.isFetching),
    refetch: () => Promise.all(parts.map((part) => part.refetch())),
  };
}

function headline(items: readonly Outage[] | undefined): string {
  if (items === undefined) return 'Incidents';
  const open = items.filter((outage) => outage.status !== 'resolved').length;
  return open === 0 ? 'Nothing is down' : `${formatCount(open)} ${open === 1 ? 'outage goes' : 'outages go'} on`;
}

function NoOutages({ isFiltered, onClear }: { isFiltered: boolean; onClear(): void }) {
  if (isFiltered) {
    return (
      <Empty title="No outage matches these filters">
        <Button onClick={onClear}>Show all outages</Button>
      </Empty>
    );
  }
  return (
    <Empty title="There was no outage yet">
      <p>When a monitor fails as often as its alert policy says, the outage is listed here until it is over, and afterwards.</p>
      <Link to="/monitors" className="link">
        All monitors
      </Link>
    </Empty>
  );
}

function Lead({ quietSince }: { quietSince: string | null | undefined }) {
  if (quietSince === undefined || quietSince === null) return 'Failures that follow each other are one outage.';
  return (
    <>
      The last outage ended <Moment at={quietSince} />.
    </>
  );
}

function Filters({ search, monitorName }: { search: OutageSearch; monitorName: string | undefined }) {
  const navigate = useNavigate({ from: '/incidents' });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Select
        aria-label="State"
        value={search.status ?? ''}
        options={STATES}
        onChange={(status) =>
          void navigate({ search: (last) => ({ ...last, cursor: undefined, status: status === '' ? undefined : status }) })
        }
      />
      {search.monitor !== undefined && (
        <FilterChip onRemove={() => void navigate({ search: (last) => ({ ...last, cursor: undefined, monitor: undefined }) })}>
          {`monitor ${monitorName ?? search.monitor}`}
        </FilterChip>
      )}
    </div>
  );
}

function ListPanel({ list, search }: { list: ReturnType<typeof useOutages>; search: OutageSearch }) {
  const navigate = useNavigate({ from: '/incidents' });
  const { items, next, error, isFetching } = list;
  const isFiltered = search.status !== undefined || search.monitor !== undefined || search.cursor !== undefined;
  return (
    <section aria-label="Outages" className="panel relative overflow-hidden">
      <ProgressLine isActive={isFetching && items !== undefined} />
      {items === undefined && error === null && <SkeletonRows count={6} />}
      {items?.length === 0 && <NoOutages isFiltered={isFiltered} onClear={() => void navigate({ search: {} })} />}
      {items !== undefined && items.length > 0 && (
        <DataTable caption="Outages, those that go on first" columns={OUTAGE_COLUMNS} rows={items} getRowId={rowId} />
      )}
      <Pager
        next={next}
        cursor={search.cursor}
        onGo={(cursor, trail) => void navigate({ search: (last) => ({ ...last, cursor }), state: { trail } })}
      />
    </section>
  );
}

export function IncidentsPage() {
  useTitle('Incidents');
  useMonitorNews();
  const search = useSearch({ from: '/incidents' });
  const list = useOutages(search);
  const { items, error, refetch } = list;
  const failure = error === null ? null : toFailure(error);
  if (failure?.code === 'FORBIDDEN' || failure?.code === 'UNAUTHORIZED') return <FailurePage failure={failure} />;
  const isWhole = Object.values(search).every((value) => value === undefined);
  const isQuiet = isWhole && items?.every((outage) => outage.status === 'resolved') === true;
  return (
    <div className="flex flex-col gap-4">
      <PageHeader
        title={isWhole ? headline(items) : 'Incidents'}
        lead={<Lead quietSince={isQuiet ? items?.[0]?.resolved_at : undefined} />}
      />
      <Dropped path="/incidents" search={search} />
      <Filters search={search} monitorName={items?.[0]?.test_name} />
      {failure !== null && <FailureStrip what="The list is not up to date." failure={failure} onRetry={() => void refetch()} />}
      <ListPanel list={list} search={search} />
    </div>
  );
}
