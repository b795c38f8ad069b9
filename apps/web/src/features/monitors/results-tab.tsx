import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { Run } from '@tidemark/core/runs/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, formatDuration, plural } from '../../lib/format.ts';
import { phasesOf, stepsOf } from '../../lib/run-result.ts';
import { trpc } from '../../lib/trpc.ts';
import { DataTable } from '../../ui/data-table.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { ExportMenu } from '../../ui/export-menu.tsx';
import { Select } from '../../ui/field.tsx';
import { Empty, FailureStrip } from '../../ui/notice.tsx';
import { Pager } from '../../ui/pager.tsx';
import { PhaseBar } from '../../ui/phase-bar.tsx';
import { ProgressLine, SkeletonRows } from '../../ui/skeleton.tsx';
import { runLook, Status } from '../../ui/status.tsx';
import { Moment } from '../../ui/time.tsx';

const PAGE_SIZE = 20;

interface Row {
  run: Run;
  testId: string;
  /** The longest of the page, so that bars compare. */
  longest: number;
}

function Outcome({ row: { run, testId } }: { row: Row }) {
  return (
    <Link
      to="/monitors/$id/runs/$runId"
      params={{ id: testId, runId: run.run_id }}
      title={run.run_id}
      className="rounded-sm underline decoration-line-strong decoration-1 underline-offset-3 hover:decoration-current"
    >
      <Status look={runLook(run)} />
    </Link>
  );
}

function Phases({ row: { run, longest } }: { row: Row }) {
  const phases = phasesOf(stepsOf(run));
  return phases === null ? null : <PhaseBar phases={phases} max={longest} className="w-32" />;
}

const COLUMNS: readonly Column<Row>[] = [
  { id: 'outcome', header: 'Outcome', className: 'w-28', cell: (row) => <Outcome row={row} /> },
  { id: 'started', header: 'Started', cell: ({ run }) => <Moment at={run.started_at} /> },
  { id: 'duration', header: 'Took', className: 'text-right whitespace-nowrap', cell: ({ run }) => formatDuration(run.duration_ms) },
  { id: 'phases', header: 'Phases', className: 'hidden md:table-cell', cell: (row) => <Phases row={row} /> },
  {
    id: 'details',
    header: 'Details',
    cell: ({ run }) => (
      <span
        className={run.passed ? 'text-ink-soft' : 'block max-w-[16rem] truncate text-red lg:max-w-[30rem]'}
        title={run.error ?? run.details}
      >
        {run.error ?? run.details}
        {run.is_excluded === true && <span className="text-violet"> excluded</span>}
      </span>
    ),
  },
  { id: 'steps', header: 'Steps', className: 'hidden lg:table-cell', cell: ({ run }) => `${run.steps_passed} of ${run.steps_total}` },
  { id: 'tries', header: 'Tries', className: 'hidden xl:table-cell', cell: ({ run }) => formatCount(run.attempts) },
  { id: 'trigger', header: 'By', className: 'hidden xl:table-cell', cell: ({ run }) => run.triggered_by },
];

/** Every run, newest first, page by page. */
export function ResultsTab({ testId }: { testId: string }) {
  const search = useSearch({ from: '/monitors/$id' });
  const navigate = useNavigate({ from: '/monitors/$id' });
  const passed = search.outcome === undefined ? undefined : search.outcome === 'passed';
  const query = useQuery(trpc.monitors.results.queryOptions({ test_id: testId, limit: PAGE_SIZE, passed, cursor: search.cursor }));
  const runs = query.data?.results;
  const longest = Math.max(1, ...(runs ?? []).map((run) => run.duration_ms));
  const failure = query.error === null ? null : toFailure(query.error);
  return (
    <div className="relative">
      <ProgressLine isActive={query.isFetching && query.isPlaceholderData} />
      <div className="flex flex-wrap items-center gap-3 px-4 py-2 text-sm text-ink-soft">
        <Select
          aria-label="Outcome"
          value={search.outcome ?? ''}
          options={[
            { value: '', label: 'All runs' },
            { value: 'failed', label: 'Failed runs' },
            { value: 'passed', label: 'Passed runs' },
          ]}
          onChange={(outcome) =>
            void navigate({
              search: (last) => ({
                ...last,
                cursor: undefined,
                outcome: outcome === 'failed' || outcome === 'passed' ? outcome : undefined,
              }),
            })
          }
        />
        <span role="status">{query.data !== undefined && plural(query.data.total, 'run')}</span>
        <span className="ml-auto">
          <ExportMenu
            path={`/api/tests/${testId}/results`}
            query={passed === undefined ? '' : `?passed=${String(passed)}`}
            formats={['csv', 'jsonl']}
          />
        </span>
      </div>
      {failure !== null && <FailureStrip what="The list is not up to date." failure={failure} onRetry={() => void query.refetch()} />}
      {runs === undefined && failure === null && <SkeletonRows count={5} />}
      {runs?.length === 0 && <Empty title={search.outcome === undefined ? 'Nothing has run yet' : `No run has ${search.outcome}`} />}
      {runs !== undefined && runs.length > 0 && (
        <DataTable
          caption="Runs, newest first"
          columns={COLUMNS}
          rows={runs.map((run): Row => ({ run, testId, longest }))}
          getRowId={(row) => row.run.run_id}
        />
      )}
      {query.data !== undefined && (
        <Pager
          next={query.data.next_cursor}
          cursor={search.cursor}
          onGo={(cursor, trail) => void navigate({ search: (last) => ({ ...last, cursor }), state: { trail }, resetScroll: false })}
        />
      )}
    </div>
  );
}
