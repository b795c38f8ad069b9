import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Worker } from '@tidemark/core/workers/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, plural, UNKNOWN } from '../../lib/format.ts';
import { useWorkers } from '../../lib/health.ts';
import { useSpan } from '../../lib/span.ts';
import { formatRate, useThroughput } from '../../lib/throughput.ts';
import { useTitle } from '../../lib/title.ts';
import { Labels } from '../../ui/chip.tsx';
import { cn } from '../../ui/class-names.ts';
import { DataTable } from '../../ui/data-table.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { FailurePage } from '../../ui/failure-page.tsx';
import { Meter } from '../../ui/meter.tsx';
import { Command, Empty, FailureStrip, WarningStrip } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { LIVENESS_LOOK, Status, StatusIcon } from '../../ui/status.tsx';
import { Moment } from '../../ui/time.tsx';
import { Flags } from './flags.tsx';
import { BY_URGENCY, byUrgency, capacity, countByLiveness } from './order.ts';
import { WORKERS_RANGE } from './search.ts';
import { Throughput } from './throughput.tsx';

function State({ row }: { row: Worker }) {
  return (
    <span className="flex flex-col items-start">
      <Status look={LIVENESS_LOOK[row.liveness]} />
      <Flags worker={row} />
    </span>
  );
}

function Rate({ row }: { row: Row }) {
  return row.rate === null ? (
    <span className="text-ink-mute">{UNKNOWN}</span>
  ) : (
    <span className={row.is_slow ? 'text-amber' : ''}>{formatRate(row.rate)}</span>
  );
}

function Name({ row }: { row: Worker }) {
  return (
    <div className="flex min-w-0 flex-col">
      <span className="flex min-w-0 items-center gap-2">
        <Link to="/workers/$id" params={{ id: row.id }} className="link truncate font-medium text-ink">
          {row.name}
        </Link>
        <span className="hidden gap-1 2xl:flex">
          <Labels labels={row.labels} max={2} />
        </span>
      </span>
      <span className="text-xs text-ink-mute">
        {row.worker_type} {row.version}
        {row.host !== null && ` on ${row.host}`}
      </span>
    </div>
  );
}

interface Row extends Worker {
  /** Keys per second over the last minutes; null when it reported none. */
  rate: number | null;
}

const COLUMNS: readonly Column<Row>[] = [
  { id: 'liveness', header: 'State', className: 'w-32', cell: (row) => <State row={row} /> },
  { id: 'name', header: 'Worker', cell: (row) => <Name row={row} /> },
  {
    id: 'slots',
    header: 'Slots in use',
    cell: (row) => <Meter label={`Slots in use of ${row.name}`} value={row.slots_used} max={row.slots} />,
  },
  { id: 'rate', header: 'Keys per second', className: 'hidden text-right md:table-cell', cell: (row) => <Rate row={row} /> },
  { id: 'heartbeat', header: 'Last heartbeat', className: 'hidden sm:table-cell', cell: (row) => <Moment at={row.last_heartbeat_at} /> },
  { id: 'kinds', header: 'Kinds', className: 'hidden lg:table-cell', cell: (row) => row.kinds.join(', ') },
  { id: 'isolations', header: 'Isolations', className: 'hidden lg:table-cell', cell: (row) => row.isolations.join(', ') },
  { id: 'queues', header: 'Queues', className: 'hidden xl:table-cell', cell: (row) => row.queues.join(', ') },
];

function Totals({ workers, chosen }: { workers: readonly Worker[]; chosen: string | undefined }) {
  const counts = countByLiveness(workers);
  const { used, slots } = capacity(workers);
  const CELL = 'flex min-w-24 flex-1 flex-col px-4 py-2.5 hover:bg-sunken aria-[current=true]:bg-sunken -outline-offset-2';
  return (
    <section aria-label="Totals" className="panel flex flex-wrap overflow-hidden divide-line sm:divide-x">
      {BY_URGENCY.map((liveness) => (
        <Link
          key={liveness}
          to="/workers"
          search={chosen === liveness ? {} : { liveness }}
          className={CELL}
          aria-current={chosen === liveness ? 'true' : undefined}
        >
          <span className="flex items-center gap-1.5 text-xs text-ink-soft">
            <StatusIcon look={LIVENESS_LOOK[liveness]} className="size-3.5" />
            {LIVENESS_LOOK[liveness].word}
          </span>
          <span
            className={cn(
              'text-xl/7 font-semibold',
              counts[liveness] === 0 && 'font-normal text-ink-mute',
              liveness === 'lost' && counts.lost > 0 && 'text-red',
            )}
          >
            {formatCount(counts[liveness])}
          </span>
        </Link>
      ))}
      <div className="flex min-w-44 flex-1 flex-col gap-1.5 px-4 py-2.5">
        <span className="text-xs text-ink-soft">Slots in use</span>
        <Meter label="Slots in use of all present workers" value={used} max={slots} />
      </div>
    </section>
  );
}

export function WorkersPage() {
  useTitle('Workers');
  const search = useSearch({ from: '/workers' });
  const { liveness } = search;
  const navigate = useNavigate({ from: '/workers' });
  const span = useSpan(search, WORKERS_RANGE);
  const { data: throughput } = useThroughput(span);
  const { data, error, refetch } = useWorkers();
  const all = data?.items;
  const rates = useMemo(() => new Map((throughput?.workers ?? []).map((rate) => [rate.worker_id, rate.keys_per_second])), [throughput]);
  const rows = useMemo(
    () =>
      (all ?? [])
        .filter((worker) => liveness === undefined || worker.liveness === liveness)
        .toSorted(byUrgency)
        .map((worker): Row => ({ ...worker, rate: rates.get(worker.id) ?? null })),
    [all, liveness, rates],
  );
  const failure = error === null ? null : toFailure(error);
  if (failure?.code === 'FORBIDDEN' || failure?.code === 'UNAUTHORIZED') return <FailurePage failure={failure} />;
  return (
    <div className="flex flex-col gap-4">
      <PageHeader title="Workers" lead="Each one leases workloads, runs them and reports what happened." />
      {all !== undefined && all.length > 0 && <Totals workers={all} chosen={liveness} />}
      {throughput?.points.some((point) => point.sample_count > 0) === true && (
        <Throughput span={span} search={search} onChange={(range) => void navigate({ search: (last) => ({ ...last, ...range }) })} />
      )}
      {failure !== null && <FailureStrip what="The list is not up to date." failure={failure} onRetry={() => void refetch()} />}
      {data !== undefined && data.next_cursor !== null && (
        <WarningStrip>Only the first {plural(data.items.length, 'worker')} are shown and counted here.</WarningStrip>
      )}
      <section aria-label="Workers" className="panel overflow-hidden">
        {all === undefined && failure === null && <SkeletonRows count={4} />}
        {all !== undefined && rows.length === 0 && (all.length === 0 ? <NoWorkers /> : <NoneMatch />)}
        {rows.length > 0 && (
          <DataTable caption="Workers, those that need attention first" columns={COLUMNS} rows={rows} getRowId={(row) => row.id} />
        )}
      </section>
    </div>
  );
}

function NoWorkers() {
  return (
    <Empty title="No worker has registered yet">
      <p>Start one on this machine or any other that reaches this server:</p>
      <Command>{`tidemark worker --url ${window.location.origin}`}</Command>
    </Empty>
  );
}

function NoneMatch() {
  return (
    <Empty title="No worker is in this state">
      <Link to="/workers" className="link">
        Show all workers
      </Link>
    </Empty>
  );
}
