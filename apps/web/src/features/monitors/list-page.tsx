import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Plus, Terminal, Upload } from 'lucide-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { useTitle } from '../../lib/title.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import type { Selection } from '../../ui/data-table.tsx';
import { FailurePage } from '../../ui/failure-page.tsx';
import { Dropped, NewRows } from '../../ui/list-notices.tsx';
import { Command, Empty, FailureStrip } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { Pager } from '../../ui/pager.tsx';
import { ProgressLine, SkeletonRows } from '../../ui/skeleton.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { MONITOR_COLUMNS } from './columns.tsx';
import type { MonitorRow } from './columns.tsx';
import { FilterBar, FilterChips, StateFacets, useChangeFilter } from './filter-bar.tsx';
import { FILTER_KEYS } from './search.ts';
import type { MonitorSearch } from './search.ts';
import { useMonitorList } from './use-monitor-list.ts';

// Both are opened on demand and bring a form each.
const CreateDrawer = lazy(async () => ({ default: (await import('./create-drawer.tsx')).CreateDrawer }));
const ImportDrawer = lazy(async () => ({ default: (await import('./import-drawer.tsx')).ImportDrawer }));

const rowId = (row: MonitorRow): string => row.monitor.id;
const NONE: ReadonlySet<string> = new Set();

function EmptyList({ search }: { search: MonitorSearch }) {
  const change = useChangeFilter();
  if (FILTER_KEYS.some((key) => search[key] !== undefined) || search.cursor !== undefined) {
    return (
      <Empty title="No monitor matches these filters">
        <FilterChips search={search} />
        <Button onClick={() => change(Object.fromEntries(FILTER_KEYS.map((key) => [key, undefined])))}>Show all monitors</Button>
      </Empty>
    );
  }
  return (
    <Empty title="Nothing is watched yet">
      <p>A monitor asks an address again and again, and says when it stops answering as it should.</p>
      <span className="flex flex-wrap justify-center gap-2">
        <Link to="/monitors" search={{ panel: 'new' }} className={buttonClass('primary')}>
          <Plus aria-hidden className="size-4" /> Create a monitor
        </Link>
        <Link to="/monitors" search={{ panel: 'curl' }} className={buttonClass()}>
          <Terminal aria-hidden className="size-4" /> Paste curl
        </Link>
        <Link to="/monitors" search={{ panel: 'import' }} className={buttonClass()}>
          <Upload aria-hidden className="size-4" /> Import a file
        </Link>
      </span>
      <Command>tidemark monitor create https://example.com</Command>
    </Empty>
  );
}

type List = ReturnType<typeof useMonitorList>;

/** The table with its pages, or why there is none. */
function ListPanel({
  list,
  search,
  selection,
}: {
  list: List;
  search: MonitorSearch;
  selection: Pick<Selection<MonitorRow>, 'selected' | 'onChange'>;
}) {
  const { query, glances, isMoved, showMoved } = list;
  const navigate = useNavigate({ from: '/monitors' });
  const items = query.data?.items;
  const rows = useMemo(() => (items ?? []).map((monitor): MonitorRow => ({ monitor, glance: glances.get(monitor.id) })), [items, glances]);
  return (
    <section aria-label="Monitors" className="panel relative overflow-hidden">
      <ProgressLine isActive={query.isFetching && items !== undefined} />
      <NewRows text={isMoved ? 'The order has changed – show' : null} onShow={showMoved} />
      {items === undefined && query.error === null && <SkeletonRows count={8} />}
      {items?.length === 0 && <EmptyList search={search} />}
      {rows.length > 0 && (
        <DataTable
          caption="Monitors, those that need attention first"
          columns={MONITOR_COLUMNS}
          rows={rows}
          getRowId={rowId}
          selection={{ ...selection, noun: 'monitor', nameOf: (row) => row.monitor.name }}
        />
      )}
      {query.data !== undefined && (
        <Pager
          next={query.data.next_cursor}
          cursor={search.cursor}
          words={{ onward: 'Next', back: 'Previous', start: 'First' }}
          onGo={(cursor, trail) => void navigate({ search: (last) => ({ ...last, cursor }), state: { trail } })}
        />
      )}
    </section>
  );
}

function ListBody({ search }: { search: MonitorSearch }) {
  const list = useMonitorList(search);
  const { data, error, refetch } = list.query;
  const [selected, setSelected] = useState(NONE);
  const chosen = (data?.items ?? []).filter((monitor) => selected.has(monitor.id));
  const failure = error === null ? null : toFailure(error);
  if (failure?.code === 'FORBIDDEN' || failure?.code === 'UNAUTHORIZED') return <FailurePage failure={failure} />;
  const isNew = data?.total === 0 && FILTER_KEYS.every((key) => search[key] === undefined);
  return (
    <>
      {!isNew && (
        <>
          <StateFacets counts={data?.by_state ?? undefined} search={search} />
          <div className="flex flex-col gap-2">
            {chosen.length > 0 ? <BulkBar monitors={chosen} onClear={() => setSelected(NONE)} /> : <FilterBar search={search} />}
            <FilterChips search={search} />
          </div>
        </>
      )}
      {failure !== null && <FailureStrip what="The list is not up to date." failure={failure} onRetry={() => void refetch()} />}
      <ListPanel list={list} search={search} selection={{ selected, onChange: setSelected }} />
      <p role="status" className="text-xs text-ink-mute">
        {data !== undefined && data.items.length > 0 && `${formatCount(data.items.length)} of ${plural(data.total, 'monitor')}`}
      </p>
    </>
  );
}

export function MonitorsPage() {
  useTitle('Monitors');
  const search = useSearch({ from: '/monitors' });
  return (
    <div className="flex flex-col gap-4">
      <PageHeader title="Monitors">
        <Link to="/monitors" search={{ ...search, panel: 'import' }} className={buttonClass()}>
          <Upload aria-hidden className="size-4" /> Import
        </Link>
        <Link to="/monitors" search={{ ...search, panel: 'new' }} className={buttonClass('primary')}>
          <Plus aria-hidden className="size-4" /> New monitor
        </Link>
      </PageHeader>
      <Dropped path="/monitors" search={search} />
      <ListBody search={search} />
      <Suspense>
        {(search.panel === 'new' || search.panel === 'curl') && <CreateDrawer hasCurl={search.panel === 'curl'} />}
        {search.panel === 'import' && <ImportDrawer />}
      </Suspense>
    </div>
  );
}
