import { useQuery } from '@tanstack/react-query';
import type { Monitor } from '@tidemark/core/monitors/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatDuration, plural } from '../../lib/format.ts';
import { phasesOf, stepsOf } from '../../lib/run-result.ts';
import type { Phases, StepResult } from '../../lib/run-result.ts';
import { trpc } from '../../lib/trpc.ts';
import { DataTable } from '../../ui/data-table.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { PhaseBar } from '../../ui/phase-bar.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';

const LOOKED_AT = 100;

interface StepFigures {
  number: number;
  name: string;
  type: string;
  runs: number;
  failed: number;
  mean_ms: number | null;
  phases: Phases | null;
  longest: number;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function figuresOf(steps: readonly StepResult[]): StepFigures[] {
  const groups = [...Map.groupBy(steps, (step) => step.step_number)].toSorted(([left], [right]) => left - right);
  const rows = groups.map(([number, group]) => {
    const told = phasesOf(group);
    const count = group.filter((step) => step.phases !== null).length;
    const phases =
      told === null
        ? null
        : {
            dns_ms: told.dns_ms / count,
            connect_ms: told.connect_ms / count,
            tls_ms: told.tls_ms / count,
            ttfb_ms: told.ttfb_ms / count,
            download_ms: told.download_ms / count,
          };
    return {
      number,
      name: group[0]?.name ?? '',
      type: group[0]?.type ?? '',
      runs: group.length,
      failed: group.filter((step) => !step.passed).length,
      mean_ms: mean(group.flatMap((step) => step.duration_ms ?? [])),
      phases,
    };
  });
  const longest = Math.max(1, ...rows.map((row) => row.mean_ms ?? 0));
  return rows.map((row) => ({ ...row, longest }));
}

const COLUMNS: readonly Column<StepFigures>[] = [
  { id: 'number', header: '#', className: 'w-10 text-right', cell: (row) => row.number },
  { id: 'name', header: 'Step', cell: (row) => <span className="break-words">{row.name}</span> },
  { id: 'type', header: 'Type', className: 'hidden sm:table-cell', cell: (row) => row.type },
  {
    id: 'failed',
    header: 'Failed',
    className: 'text-right',
    cell: (row) => <span className={row.failed > 0 ? 'font-medium text-red' : 'text-ink-mute'}>{`${row.failed} of ${row.runs}`}</span>,
  },
  { id: 'mean', header: 'Mean', className: 'text-right', cell: (row) => formatDuration(row.mean_ms) },
  {
    id: 'phases',
    header: 'Phases',
    className: 'hidden md:table-cell',
    cell: (row) => (row.phases === null ? null : <PhaseBar phases={row.phases} max={row.longest} className="w-48" />),
  },
];

/** Which step takes the time, and which one fails. */
export function StepsTab({ monitor }: { monitor: Monitor }) {
  const { data, error, refetch } = useQuery(trpc.monitors.results.queryOptions({ test_id: monitor.id, limit: LOOKED_AT }));
  const rows = figuresOf((data?.results ?? []).flatMap(stepsOf));
  const told = (data?.results ?? []).filter((run) => run.step_results.length > 0).length;
  return (
    <>
      {error !== null && <FailureStrip what="This is not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <SkeletonRows count={2} />}
      {data !== undefined && rows.length === 0 && <p className="px-4 py-6 text-sm text-ink-soft">No run has told of its steps yet.</p>}
      {rows.length > 0 && (
        <>
          <p className="px-4 py-2 text-sm text-ink-soft">
            Of the last {plural(told, 'run')} whose details are kept. Steps after a failed one are not run.
          </p>
          <DataTable caption="Steps in order" columns={COLUMNS} rows={rows} getRowId={(row) => String(row.number)} />
        </>
      )}
    </>
  );
}
