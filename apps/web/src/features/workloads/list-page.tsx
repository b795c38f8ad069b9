import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { WorkloadSummary } from '@tidemark/core/workloads/contract';
import { serverNow } from '../../lib/clock.ts';
import { toFailure } from '../../lib/failure.ts';
import { plural } from '../../lib/format.ts';
import { useTitle } from '../../lib/title.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { FailurePage } from '../../ui/failure-page.tsx';
import { Dropped, NewRows } from '../../ui/list-notices.tsx';
import { Command, Empty, FailureStrip } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { Pager } from '../../ui/pager.tsx';
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

function describeNew(count: number): string | null {
  return count === 0 ? null : `${count >= 50 ? '50 or more' : count} new – show`;
}

function ListBody({ search }: { search: WorkloadSearch }) {
  const { query, newCount, showNew } = useWorkloadList(search);
  const navigate = useNavigate({ from: '/workloads' });
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
        <NewRows text={describeNew(newCount)} onShow={showNew} />
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
        {query.data !== undefined && (
          <Pager
            next={query.data.next_cursor}
            cursor={search.cursor}
            onGo={(cursor, trail) => void navigate({ search: (last) => ({ ...last, cursor }), state: { trail } })}
          />
        )}
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
      <Dropped path="/workloads" search={search} />
      <StatsStrip search={search} now={openedAt} />
      <Charts search={search} />
      <ListBody search={search} />
      <SubmitDrawer isOpen={search.panel === 'new'} />
    </div>
  );
}
