import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { BellOff, Check, CircleAlert, RotateCcw } from 'lucide-react';
import { FAILURE_DOMAINS, FailureDomain, FailureStatus, type FailureGroup } from '@tidemark/core/failures/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { useTitle } from '../../lib/title.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { DataTable, type Column } from '../../ui/data-table.tsx';
import { FailurePage } from '../../ui/failure-page.tsx';
import { Select } from '../../ui/field.tsx';
import { Empty, FailureStrip } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { Sparkline } from '../../ui/sparkline.tsx';
import { Status, type Look } from '../../ui/status.tsx';
import { Moment } from '../../ui/time.tsx';
import { notify } from '../../ui/toast.tsx';
import type { FailureSearch } from './search.ts';

const LOOKS: Record<FailureStatus, Look> = {
  open: { icon: CircleAlert, word: 'Open', tone: 'red' },
  resolved: { icon: Check, word: 'Resolved', tone: 'green' },
  ignored: { icon: BellOff, word: 'Ignored', tone: 'grey' },
};
const DOMAINS: Record<FailureDomain, string> = { workload: 'Workload', monitor: 'Monitor', publication: 'Publication' };

async function setStatus(id: string, status: FailureStatus): Promise<void> {
  await client.failures.set.mutate({ id, status });
  const shown = [trpc.failures.pathKey(), trpc.workloads.causes.queryKey()];
  await Promise.all(shown.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
}

function complain(error: unknown): void {
  notify({ title: 'Nothing was changed', detail: toFailure(error).message, tone: 'red' });
}

/** Takes a group off the list at once; the notice offers the way back. */
function Actions({ row }: { row: FailureGroup }) {
  const set = useMutation({
    mutationFn: (status: FailureStatus) => setStatus(row.id, status),
    onSuccess: (_, status) =>
      notify({
        title: status === 'open' ? 'It is open again' : status === 'resolved' ? 'Resolved until it returns' : 'Ignored from now on',
        undo: () => void setStatus(row.id, row.status).catch(complain),
      }),
    onError: complain,
  });
  if (row.status !== 'open') {
    return (
      <Button size="small" disabled={set.isPending} onClick={() => set.mutate('open')}>
        <RotateCcw aria-hidden className="size-3.5" /> Reopen
      </Button>
    );
  }
  return (
    <span className="flex gap-1.5 md:justify-end">
      <Button size="small" disabled={set.isPending} onClick={() => set.mutate('resolved')}>
        <Check aria-hidden className="size-3.5" /> Resolve
      </Button>
      <Button size="small" disabled={set.isPending} onClick={() => set.mutate('ignored')}>
        <BellOff aria-hidden className="size-3.5" /> Ignore
      </Button>
    </span>
  );
}

/** What failed last: the way from the group to one of it. */
function Latest({ row }: { row: FailureGroup }) {
  const className = 'link';
  if (row.domain === 'workload') {
    return (
      <Link to="/workloads/$id" params={{ id: row.last_ref }} className={className} title={row.last_ref}>
        latest
      </Link>
    );
  }
  if (row.domain === 'monitor') {
    return (
      <Link to="/monitors/$id/runs/$runId" params={{ id: row.subject, runId: row.last_ref }} className={className} title={row.last_ref}>
        latest
      </Link>
    );
  }
  return (
    <Link to="/publishing/queue/$id" params={{ id: row.last_ref }} className={className} title={row.last_ref}>
      latest
    </Link>
  );
}

/** Where it fails, by the name people know it by. */
function Subject({ row }: { row: Row }) {
  const className = 'link text-ink-soft';
  if (row.domain === 'monitor') {
    return (
      <Link to="/monitors/$id" params={{ id: row.subject }} className={className}>
        {row.name}
      </Link>
    );
  }
  if (row.domain === 'workload') {
    return (
      <Link to="/workloads" search={{ status: 'failed', kind: row.subject, cause: row.message }} className={className}>
        {row.name}
      </Link>
    );
  }
  return (
    <Link to="/publishing/queue" search={{ status: 'failed', platform: row.subject }} className={className}>
      {row.name}
    </Link>
  );
}

interface Row extends FailureGroup {
  name: string;
}

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'message',
    header: 'What failed',
    className: 'w-full',
    cell: (row) => (
      <span className="flex min-w-0 flex-col gap-1">
        <span className="line-clamp-3 font-mono text-xs wrap-anywhere" title={row.message}>
          {row.withheld === undefined ? row.sample : 'What the target answered is withheld from you.'}
        </span>
        <span className="flex flex-wrap items-center gap-x-1.5 gap-y-1 text-xs text-ink-mute">
          {row.status !== 'open' && <Status look={LOOKS[row.status]} className="[&_svg]:size-3.5" />}
          <span>
            {DOMAINS[row.domain]} <Subject row={row} />
          </span>
          <span>
            · <Latest row={row} /> <Moment at={row.last_at} />
          </span>
          <span className="hidden sm:inline">
            · first <Moment at={row.first_at} />
          </span>
          {row.returned_count > 0 && <span className="font-medium text-amber">· came back {plural(row.returned_count, 'time')}</span>}
        </span>
        <span className="md:hidden">
          <Actions row={row} />
        </span>
      </span>
    ),
  },
  {
    id: 'count',
    header: 'Count',
    className: 'text-right',
    cell: (row) => <span className="font-semibold tabular-nums">{formatCount(row.count)}</span>,
  },
  {
    id: 'trend',
    header: 'Last 24 hours',
    className: 'hidden min-w-36 sm:table-cell',
    cell: (row) => (
      <Sparkline
        label={`${plural(
          row.trend.reduce((sum, count) => sum + count, 0),
          'failure',
        )} in the last 24 hours`}
        values={row.trend}
        max={Math.max(...row.trend, 1)}
        tone="red"
      />
    ),
  },
  { id: 'actions', header: 'Actions', className: 'hidden text-right md:table-cell', cell: (row) => <Actions row={row} /> },
];

/** Monitors are known by their names; kinds and platforms are names already. */
function useNamed(groups: readonly FailureGroup[] | undefined): Row[] | undefined {
  const ids = [...new Set((groups ?? []).flatMap((group) => (group.domain === 'monitor' ? [group.subject] : [])))];
  const { data } = useQuery(trpc.monitors.list.queryOptions({ ids, limit: 200 }, { enabled: ids.length > 0 }));
  const names = new Map((data?.items ?? []).map((monitor) => [monitor.id, monitor.name]));
  return groups?.map((group) => ({ ...group, name: (group.domain === 'monitor' ? names.get(group.subject) : undefined) ?? group.subject }));
}

function NothingHere({ search }: { search: FailureSearch }) {
  const isFiltered = search.domain !== undefined || search.cursor !== undefined || (search.status !== undefined && search.status !== 'all');
  return (
    <Empty title={isFiltered ? 'No group of failures matches these filters' : 'Nothing is failing'}>
      <Link to="/errors" search={{ status: 'all' }} className={buttonClass()}>
        Show all there have been
      </Link>
    </Empty>
  );
}

function Filters({ search }: { search: FailureSearch }) {
  const navigate = useNavigate({ from: '/errors' });
  return (
    <>
      <Select
        aria-label="Status"
        value={search.status ?? 'open'}
        options={[
          ...FailureStatus.options.map((value) => ({ value: value as string, label: LOOKS[value].word })),
          { value: 'all', label: 'Any status' },
        ]}
        onChange={(status) => void navigate({ search: (last) => ({ ...last, cursor: undefined, status }) })}
      />
      <Select
        aria-label="Where"
        value={search.domain ?? ''}
        options={[
          { value: '', label: 'Everywhere' },
          ...FAILURE_DOMAINS.map((value) => ({ value: value as string, label: `${DOMAINS[value]}s` })),
        ]}
        onChange={(domain) =>
          void navigate({ search: (last) => ({ ...last, cursor: undefined, domain: domain === '' ? undefined : domain }) })
        }
      />
    </>
  );
}

export function ErrorsPage() {
  useTitle('Errors');
  const search = useSearch({ from: '/errors' });
  const { data, error, refetch } = useQuery(
    trpc.failures.list.queryOptions(
      {
        status: search.status === 'all' ? undefined : (FailureStatus.safeParse(search.status).data ?? 'open'),
        domain: FailureDomain.safeParse(search.domain).data,
        cursor: search.cursor,
        limit: 50,
      },
      { refetchInterval: useRefreshMs(30_000) },
    ),
  );
  const failure = error === null ? null : toFailure(error);
  const rows = useNamed(data?.items);
  if (failure?.code === 'FORBIDDEN' || failure?.code === 'UNAUTHORIZED') return <FailurePage failure={failure} />;
  const next = data?.next_cursor ?? null;
  return (
    <div className="flex flex-col gap-4">
      <PageHeader title="Errors" lead="Failures that say the same, counted together. A resolved one comes back when it happens again.">
        <Filters search={search} />
      </PageHeader>
      {failure !== null && <FailureStrip what="The list is not up to date." failure={failure} onRetry={() => void refetch()} />}
      <section aria-label="Groups of failures" className="panel overflow-hidden">
        {data === undefined && failure === null && <SkeletonRows count={6} />}
        {data?.items.length === 0 && <NothingHere search={search} />}
        {rows !== undefined && rows.length > 0 && (
          <DataTable caption="Groups of failures, the latest first" columns={COLUMNS} rows={rows} getRowId={(row) => row.id} />
        )}
        {next !== null && (
          <nav aria-label="Pages of the list" className="flex justify-end border-t border-line px-3 py-2">
            <Link to="/errors" search={{ ...search, cursor: next }} className={buttonClass('plain', 'small')}>
              Older
            </Link>
          </nav>
        )}
      </section>
    </div>
  );
}
