import { Link } from '@tanstack/react-router';
import type { Monitor } from '@tidemark/core/monitors/contract';
import { formatDuration, formatPct, plural, UNKNOWN } from '../../lib/format.ts';
import { Tags } from '../../ui/chip.tsx';
import { cn } from '../../ui/class-names.ts';
import type { Column } from '../../ui/data-table.tsx';
import { TrendLine } from '../../ui/trend-line.tsx';
import { monitorLook, Status } from '../../ui/status.tsx';
import { Moment } from '../../ui/time.tsx';
import { CellBar } from '../../ui/uptime-cells.tsx';
import type { CellTone } from '../../ui/uptime-cells.tsx';
import type { MonitorGlance } from './use-monitor-list.ts';
import { kindOf, targetOf } from './words.ts';

export interface MonitorRow {
  monitor: Monitor;
  /** Undefined while it is being read. */
  glance: MonitorGlance | undefined;
}

function toneOf(cell: MonitorGlance['cells'][number]): CellTone {
  if (cell.total_runs === 0) return 'none';
  if (cell.failed_runs > 0) return cell.failed_runs === cell.total_runs ? 'bad' : 'mixed';
  return cell.degraded_runs > 0 ? 'slow' : 'good';
}

function Bar({ glance, className }: { glance: MonitorGlance | undefined; className?: string }) {
  if (glance === undefined) return <span className={cn('block h-5 w-full min-w-40', className)} />;
  const failed = glance.total_runs - glance.passed_runs;
  const label = glance.total_runs === 0 ? 'no runs yet' : `${failed} of ${plural(glance.total_runs, 'run')} failed`;
  return <CellBar tones={glance.cells.map(toneOf)} label={label} className={className} />;
}

function Identity({ row: { monitor, glance } }: { row: MonitorRow }) {
  return (
    <div className="flex min-w-0 flex-col">
      <span className="flex min-w-0 items-center gap-2">
        <Link to="/monitors/$id" params={{ id: monitor.id }} className="link truncate font-medium text-ink" title={monitor.name}>
          {monitor.name}
        </Link>
        <span className="hidden gap-1 2xl:flex">
          <Tags tags={monitor.tags} max={2} />
        </span>
      </span>
      <span className="max-w-[13rem] truncate text-xs text-ink-mute sm:max-w-[22rem]" title={targetOf(monitor)}>
        {targetOf(monitor)}
      </span>
      <span className="mt-1 flex items-center gap-2 text-xs lg:hidden">
        <Bar glance={glance} className="w-28 min-w-0" />
        <Uptime glance={glance} />
      </span>
    </div>
  );
}

function Uptime({ glance }: { glance: MonitorGlance | undefined }) {
  const pct = glance?.uptime_pct ?? null;
  return (
    <span
      className={cn('whitespace-nowrap tabular-nums', pct === null && 'text-ink-mute', pct !== null && pct < 99 && 'font-medium text-red')}
    >
      {formatPct(pct)}
    </span>
  );
}

export const MONITOR_COLUMNS: readonly Column<MonitorRow>[] = [
  { id: 'state', header: 'State', className: 'w-32 max-sm:pr-0', cell: ({ monitor }) => <Status look={monitorLook(monitor)} /> },
  { id: 'name', header: 'Monitor', cell: (row) => <Identity row={row} /> },
  { id: 'type', header: 'Type', className: 'hidden xl:table-cell', cell: ({ monitor }) => kindOf(monitor) },
  { id: 'recent', header: 'Recent', className: 'hidden w-64 lg:table-cell', cell: ({ glance }) => <Bar glance={glance} /> },
  { id: 'uptime', header: 'Uptime', className: 'hidden text-right lg:table-cell', cell: ({ glance }) => <Uptime glance={glance} /> },
  {
    id: 'p95',
    header: 'p95',
    className: 'hidden xl:table-cell',
    cell: ({ glance }) => (
      <span className="flex items-center gap-2">
        <TrendLine values={glance?.p95 ?? []} />
        <span className="whitespace-nowrap">{glance?.p95_ms === undefined ? UNKNOWN : formatDuration(glance.p95_ms)}</span>
      </span>
    ),
  },
  {
    id: 'last',
    header: 'Last run',
    className: 'hidden text-right md:table-cell',
    cell: ({ monitor }) => <Moment at={monitor.last_run_at} />,
  },
  {
    id: 'next',
    header: 'Next run',
    className: 'hidden text-right md:table-cell',
    cell: ({ monitor }) => <Moment at={monitor.status === 'paused' ? null : monitor.next_run_at} />,
  },
];
