import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Plus, Upload } from 'lucide-react';
import { useState } from 'react';
import { PLATFORM_KEYS } from '@tidemark/core/platforms/contract';
import { type PublicationStatus, SubStatus } from '@tidemark/core/publications/contract';
import { serverNow } from '../../lib/clock.ts';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, formatDateTime, plural } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { describeRange } from '../../lib/ranges.ts';
import { useTitle } from '../../lib/title.ts';
import { trpc } from '../../lib/trpc.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { FilterChip } from '../../ui/chip.tsx';
import { cn } from '../../ui/class-names.ts';
import { ExportMenu } from '../../ui/export-menu.tsx';
import { FailurePage } from '../../ui/failure-page.tsx';
import { Select } from '../../ui/field.tsx';
import { Command, Empty, FailureStrip } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { RangeMenu } from '../../ui/range-menu.tsx';
import { ProgressLine, SkeletonRows } from '../../ui/skeleton.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { useZone } from '../../ui/time.tsx';
import { Calendar, CALENDAR_FRESH_MS } from './calendar.tsx';
import { CreateDrawer } from './create-drawer.tsx';
import { ImportDrawer } from './import-drawer.tsx';
import { CAUSES, PLATFORM_NAMES, PUBLICATION_LOOK } from './looks.ts';
import { PublicationsTable } from './publications-table.tsx';
import { REFRESH_MS, useFreshPublishing, useQueueStats } from './queries.ts';
import { RetryCause } from './retry.tsx';
import { PUBLICATION_FILTERS, toPublicationFilter, toPublicationInput, type PublicationSearch } from './search.ts';
import { ViewSwitch } from './view-switch.tsx';

const NO_FILTER = Object.fromEntries(PUBLICATION_FILTERS.map((key) => [key, undefined]));
const FACETS = ['pending', 'scheduled', 'processing', 'failed', 'success'] as const satisfies readonly PublicationStatus[];

function useChange(): (change: PublicationSearch) => void {
  const navigate = useNavigate({ from: '/publishing/queue' });
  return (change) => void navigate({ search: (last) => ({ ...last, cursor: undefined, ...change }) });
}

/** States with their counts; each is a filter. */
function Facets({ search }: { search: PublicationSearch }) {
  const { data } = useQueueStats(null);
  return (
    <nav aria-label="States" className="flex flex-wrap gap-1.5">
      {FACETS.map((status) => (
        <Link
          key={status}
          to="/publishing/queue"
          search={{ view: search.view, span: search.span, at: search.at, ...(search.status === status ? {} : { status }) }}
          aria-current={search.status === status ? 'true' : undefined}
          className={cn(buttonClass('plain', 'small'), search.status === status && 'border-accent bg-accent/10')}
        >
          <StatusIcon look={PUBLICATION_LOOK[status]} />
          {PUBLICATION_LOOK[status].word} <span className="text-ink-mute">{formatCount(data?.[status])}</span>
        </Link>
      ))}
    </nav>
  );
}

function describe(key: (typeof PUBLICATION_FILTERS)[number], value: string, timeZone: string): string {
  if (key === 'range') return describeRange(value);
  if (key === 'from') return `from ${formatDateTime(value, timeZone)}`;
  if (key === 'due_from') return `due from ${formatDateTime(value, timeZone)}`;
  if (key === 'due_to') return `due until ${formatDateTime(value, timeZone)}`;
  return key === 'to' ? `until ${formatDateTime(value, timeZone)}` : `${key} ${value}`;
}

function Chips({ search }: { search: PublicationSearch }) {
  const change = useChange();
  const timeZone = useZone();
  const active = PUBLICATION_FILTERS.flatMap((key) => (search[key] === undefined ? [] : [{ key, value: search[key] }]));
  if (active.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {active.map(({ key, value }) => (
        <FilterChip key={key} onRemove={() => change({ [key]: undefined })}>
          {describe(key, value, timeZone)}
        </FilterChip>
      ))}
    </div>
  );
}

function Exports({ search }: { search: PublicationSearch }) {
  const filter = Object.entries(toPublicationFilter(search, serverNow())).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)]],
  );
  const query = new URLSearchParams(filter).toString();
  return <ExportMenu path="/v1/publications/export" query={`?${query}`} formats={['csv', 'xlsx']} />;
}

function Filters({ search }: { search: PublicationSearch }) {
  const change = useChange();
  const cause = SubStatus.safeParse(search.cause).data;
  const scope = {
    platform: PLATFORM_KEYS.find((key) => key === search.platform),
    campaign_id: search.campaign,
    social_account_id: search.account,
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Select
        aria-label="Platform"
        value={search.platform ?? ''}
        options={[{ value: '', label: 'Any platform' }, ...PLATFORM_KEYS.map((key) => ({ value: key, label: PLATFORM_NAMES[key] }))]}
        onChange={(platform) => change({ platform: platform === '' ? undefined : platform })}
      />
      <Select
        aria-label="Cause"
        value={search.cause ?? ''}
        options={[
          { value: '', label: 'Any cause' },
          ...SubStatus.options.map((value) => ({ value: value as string, label: CAUSES[value].word })),
        ]}
        onChange={(value) => change(value === '' ? { cause: undefined } : { cause: value, status: 'failed' })}
      />
      <RangeMenu label="Requested" search={search} fallback={null} onChange={change} />
      {search.status === 'failed' && cause !== undefined && <RetryCause cause={cause} scope={scope} />}
      <span className="sm:ml-auto">
        <ViewSwitch search={search} onChange={(next) => change({ ...next, due_from: undefined, due_to: undefined })} />
      </span>
    </div>
  );
}

function EmptyQueue({ search }: { search: PublicationSearch }) {
  const change = useChange();
  const isFiltered = search.cursor !== undefined || PUBLICATION_FILTERS.some((key) => search[key] !== undefined);
  if (isFiltered) {
    return (
      <Empty title="No publication matches these filters">
        <Chips search={search} />
        <Button onClick={() => change(NO_FILTER)}>Show all publications</Button>
      </Empty>
    );
  }
  return (
    <Empty title="Nothing has been published yet">
      <p>A publication is one clip on one account of one platform.</p>
      <Link to="/publishing/queue" search={{ panel: 'import' }} className={buttonClass('primary')}>
        <Upload aria-hidden className="size-4" /> Import a CSV
      </Link>
      <Command>tidemark demo --data-dir ./demo</Command>
    </Empty>
  );
}

function Pages({ search, next }: { search: PublicationSearch; next: string | null }) {
  if (next === null && search.cursor === undefined) return null;
  return (
    <nav aria-label="Pages of the list" className="flex justify-end gap-2 border-t border-line px-3 py-2">
      {search.cursor !== undefined && (
        <Link to="/publishing/queue" search={{ ...search, cursor: undefined }} className={buttonClass('plain', 'small')}>
          Newest
        </Link>
      )}
      {next !== null && (
        <Link to="/publishing/queue" search={{ ...search, cursor: next }} className={buttonClass('plain', 'small')}>
          Older
        </Link>
      )}
    </nav>
  );
}

/** The same filter, without what an address says of the calendar or of a page of the list. */
function listedBy(search: PublicationSearch): PublicationSearch {
  return Object.fromEntries(PUBLICATION_FILTERS.map((key) => [key, search[key]]));
}

function Days({ search }: { search: PublicationSearch }) {
  const change = useChange();
  const [openedAt] = useState(serverNow);
  // A calendar has days of its own.
  const { due_from: _from, due_to: _to, ...filter } = toPublicationFilter(search, openedAt);
  return (
    <section aria-label="Publications by day" className="panel overflow-hidden">
      <Calendar filter={filter} listed={listedBy(search)} search={search} onChange={change} />
    </section>
  );
}

function Body({ search }: { search: PublicationSearch }) {
  // A sliding range stands still while its page is open, else the rows would move under the reader.
  const [openedAt] = useState(serverNow);
  const query = useQuery(
    trpc.publishing.publications.list.queryOptions(toPublicationInput(search, openedAt), { refetchInterval: useRefreshMs(REFRESH_MS) }),
  );
  const failure = query.error === null ? null : toFailure(query.error);
  if (failure?.code === 'FORBIDDEN' || failure?.code === 'UNAUTHORIZED') return <FailurePage failure={failure} />;
  const rows = query.data?.items;
  return (
    <>
      {failure !== null && <FailureStrip what="The list is not up to date." failure={failure} onRetry={() => void query.refetch()} />}
      <section aria-label="Publications" className="panel relative overflow-hidden">
        <ProgressLine isActive={query.isPlaceholderData} />
        {rows === undefined && failure === null && <SkeletonRows count={8} />}
        {rows?.length === 0 && <EmptyQueue search={search} />}
        {rows !== undefined && rows.length > 0 && <PublicationsTable caption="Publications, newest first" rows={rows} />}
        <Pages search={search} next={query.data?.next_cursor ?? null} />
      </section>
      <p role="status" className="sr-only">
        {rows !== undefined && !query.isFetching && `${plural(rows.length, 'publication')} on this page`}
      </p>
    </>
  );
}

export function PublicationsPage() {
  useTitle('Publishing queue');
  const search = useSearch({ from: '/publishing/queue' });
  useFreshPublishing(search.view === 'calendar' ? CALENDAR_FRESH_MS : undefined);
  const navigate = useNavigate({ from: '/publishing/queue' });
  const close = (): void => void navigate({ search: (last) => ({ ...last, panel: undefined }) });
  return (
    <div className="flex flex-col gap-4">
      <PageHeader title="Publishing queue">
        <Exports search={search} />
        <Link to="/publishing/queue" search={{ ...search, panel: 'import' }} className={buttonClass()}>
          <Upload aria-hidden className="size-4" /> Import
        </Link>
        <Link to="/publishing/queue" search={{ ...search, panel: 'new' }} className={buttonClass('primary')}>
          <Plus aria-hidden className="size-4" /> Publish
        </Link>
      </PageHeader>
      <Facets search={search} />
      <Filters search={search} />
      <Chips search={search} />
      {search.view === 'calendar' ? <Days search={search} /> : <Body search={search} />}
      <CreateDrawer isOpen={search.panel === 'new'} onClose={close} />
      <ImportDrawer isOpen={search.panel === 'import'} onClose={close} />
    </div>
  );
}
