import { Link, useNavigate, useRouter, useRouterState, useSearch } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight, Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { ListWorkloadsOutput, WorkloadSummary } from '@tidemark/core/workloads/contract';
import { serverNow } from '../../lib/clock.ts';
import { toFailure } from '../../lib/failure.ts';
import { plural } from '../../lib/format.ts';
import { arrival, droppedKeys } from '../../lib/search.ts';
import { useTitle } from '../../lib/title.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { FailurePage } from '../../ui/failure-page.tsx';
import { Command, Empty, FailureStrip, WarningStrip } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { ProgressLine, SkeletonRows } from '../../ui/skeleton.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { Charts } from './charts.tsx';
import { WORKLOAD_COLUMNS } from './columns.tsx';
import { FilterBar, FilterChips, useChangeFilter } from './filter-bar.tsx';
import { FILTER_KEYS } from './search.ts';
import type { WorkloadSearch } from './search.ts';
import { StatsStrip } from './stats-strip.tsx';
import { SubmitDrawer } from './submit-drawer.tsx';
import { useWorkloadList } from './use-workload-list.ts';

const rowId = (row: WorkloadSummary): string => row.id;
const NONE: ReadonlySet<string> = new Set();

function EmptyList({ search }: { search: WorkloadSearch }) {
  const change = useChangeFilter();
  const isFiltered = FILTER_KEYS.some((key) => search[key] !== undefined);
  if (isFiltered || search.cursor !== undefined) {
    return (
      <Empty title="No workload matches these filters">
        <FilterChips search={search} />
        <Button onClick={() => change(Object.fromEntries(FILTER_KEYS.map((key) => [key, undefined])))}>Show all workloads</Button>
      </Empty>
    );
  }
  return (
    <Empty title="Nothing has been run yet">
      <p>A workload is one piece of work: a command or a script that a worker picks up, runs and reports on.</p>
      <Link to="/workloads" search={{ panel: 'new' }} className={buttonClass('primary')}>
        <Plus aria-hidden className="size-4" /> Submit a workload
      </Link>
      <Command>tidemark workload submit --wait -- echo hello</Command>
    </Empty>
  );
}

/** Forward by cursor; back through the pages that were read, which the browser's history remembers too. */
function Pager({ page, cursor }: { page: ListWorkloadsOutput; cursor: string | undefined }) {
  const router = useRouter();
  const navigate = useNavigate({ from: '/workloads' });
  const trail = useRouterState({ select: (state) => state.location.state.trail ?? [] });
  const next = page.next_cursor;
  if (next === null && cursor === undefined) return null;
  const goBack = (): void => {
    if (trail.length > 0) router.history.back();
    else void navigate({ search: (last) => ({ ...last, cursor: undefined }) });
  };
  return (
    <nav aria-label="Pages of the list" className="flex items-center gap-2 border-t border-line px-3 py-2 text-sm text-ink-soft">
      <span>{trail.length > 0 || cursor === undefined ? `Page ${trail.length + 1}` : 'Older workloads'}</span>
      <Button size="small" className="ml-auto" disabled={cursor === undefined} onClick={goBack}>
        <ChevronLeft aria-hidden className="size-3.5" /> {trail.length > 0 || cursor === undefined ? 'Newer' : 'Newest'}
      </Button>
      <Button
        size="small"
        disabled={next === null}
        onClick={() => {
          if (next !== null) void navigate({ search: (last) => ({ ...last, cursor: next }), state: { trail: [...trail, cursor ?? ''] } });
        }}
      >
        Older <ChevronRight aria-hidden className="size-3.5" />
      </Button>
    </nav>
  );
}

function NewRows({ count, onShow }: { count: number; onShow(): void }) {
  return (
    <div role="status" className="contents">
      {count > 0 && (
        <button
          type="button"
          onClick={onShow}
          className="block w-full border-b border-line bg-accent/10 py-1.5 text-center text-sm font-medium text-accent -outline-offset-2 hover:bg-accent/15"
        >
          {count >= 50 ? '50 or more' : count} new – show
        </button>
      )}
    </div>
  );
}

function Dropped({ search }: { search: WorkloadSearch }) {
  const asked = JSON.stringify(search);
  const [first] = useState(asked);
  const isArrival = arrival.path === '/workloads' && asked === first;
  const dropped = isArrival ? droppedKeys(arrival.search, search) : [];
  if (dropped.length === 0) return null;
  return (
    <WarningStrip>The address asked for something this list does not know and was read without it: {dropped.join(', ')}.</WarningStrip>
  );
}

function ListBody({ search }: { search: WorkloadSearch }) {
  const { query, newCount, showNew } = useWorkloadList(search);
  const [selected, setSelected] = useState(NONE);
  const rows = query.data?.items;
  const chosen = useMemo(() => (rows ?? []).filter((row) => selected.has(row.id)), [rows, selected]);
  const failure = query.error === null ? null : toFailure(query.error);
  if (failure?.code === 'FORBIDDEN' || failure?.code === 'UNAUTHORIZED') return <FailurePage failure={failure} />;
  return (
    <>
      <div className="flex flex-col gap-2">
        {chosen.length > 0 ? <BulkBar rows={chosen} onClear={() => setSelected(NONE)} /> : <FilterBar search={search} />}
        <FilterChips search={search} />
      </div>
      {failure !== null && <FailureStrip what="The list is not up to date." failure={failure} onRetry={() => void query.refetch()} />}
      <section aria-label="Workloads" className="panel relative overflow-hidden">
        <ProgressLine isActive={query.isFetching && rows !== undefined} />
        <NewRows count={newCount} onShow={showNew} />
        {rows === undefined && failure === null && <SkeletonRows count={8} />}
        {rows?.length === 0 && <EmptyList search={search} />}
        {rows !== undefined && rows.length > 0 && (
          <DataTable
            caption="Workloads, newest first"
            columns={WORKLOAD_COLUMNS}
            rows={rows}
            getRowId={rowId}
            selection={{ selected, onChange: setSelected, noun: 'workload' }}
          />
        )}
        {query.data !== undefined && <Pager page={query.data} cursor={search.cursor} />}
      </section>
      <p role="status" className="sr-only">
        {rows !== undefined && !query.isFetching && `${plural(rows.length, 'workload')} on this page`}
      </p>
    </>
  );
}

export function WorkloadsPage() {
  useTitle('Workloads');
  const search = useSearch({ from: '/workloads' });
  const [openedAt] = useState(serverNow);
  return (
    <div className="flex flex-col gap-4">
      <PageHeader title="Workloads">
        <Link to="/workloads" search={{ ...search, panel: 'new' }} className={buttonClass('primary')}>
          <Plus aria-hidden className="size-4" /> Submit
        </Link>
      </PageHeader>
      <Dropped search={search} />
      <StatsStrip search={search} now={openedAt} />
      <Charts search={search} />
      <ListBody search={search} />
      <SubmitDrawer isOpen={search.panel === 'new'} />
    </div>
  );
}
