import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Check, CircleDot, Square, Undo2, X } from 'lucide-react';
import { useState } from 'react';
import type { Operation, OperationItem } from '@tidemark/core/operations/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, plural, shortId } from '../../lib/format.ts';
import { useTitle } from '../../lib/title.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { FailurePage } from '../../ui/failure-page.tsx';
import { Segments } from '../../ui/field.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { PageHeader, Panel } from '../../ui/page.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { Status } from '../../ui/status.tsx';
import type { Look } from '../../ui/status.tsx';
import { Elapsed, FullMoment } from '../../ui/time.tsx';
import { notify } from '../../ui/toast.tsx';
import { describeFilter, titleOf, useOperation } from './operations.ts';
import { useUndoCancel } from './undo.ts';

export const OPERATION_LOOK: Record<Operation['status'], Look> = {
  running: { icon: CircleDot, word: 'Running', tone: 'blue' },
  completed: { icon: Check, word: 'Done', tone: 'green' },
  stopped: { icon: Square, word: 'Stopped', tone: 'grey' },
};
const DONE: Look = { icon: Check, word: 'Done', tone: 'green' };
const REFUSED: Look = { icon: X, word: 'Refused', tone: 'red' };

const COLUMNS: readonly Column<OperationItem>[] = [
  { id: 'result', header: 'Result', className: 'w-32', cell: (row) => <Status look={row.ok ? DONE : REFUSED} /> },
  {
    id: 'workload',
    header: 'Workload',
    cell: (row) => (
      <Link to="/workloads/$id" params={{ id: row.workload_id }} title={row.workload_id} className="link font-mono text-xs text-ink">
        {shortId(row.workload_id)}
      </Link>
    ),
  },
  { id: 'why', header: 'Why', cell: (row) => <span className="text-ink-soft">{row.message ?? ''}</span> },
];

const SHOWN = 100;

/** What became of each one; read again while the action runs. */
function Items({ operation }: { operation: Operation }) {
  const [which, setWhich] = useState<'all' | 'refused'>('all');
  const seen = operation.succeeded + operation.refused;
  const refused = which === 'refused' ? true : undefined;
  // What has been done is part of the question, so that the last step is read too.
  const { data, error, refetch } = useQuery({
    queryKey: [...trpc.operations.pathKey(), 'items', operation.id, which, seen],
    queryFn: () => client.operations.items.query({ id: operation.id, limit: SHOWN, refused }),
  });
  return (
    <Panel
      title="Result of each"
      aside={
        <Segments<'all' | 'refused'>
          label="Which results"
          value={which}
          options={[
            { value: 'all', label: `All ${formatCount(seen)}` },
            { value: 'refused', label: `Refused ${formatCount(operation.refused)}` },
          ]}
          onChange={setWhich}
        />
      }
    >
      {error !== null && <FailureStrip what="This is not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <SkeletonRows count={4} />}
      {data?.items.length === 0 && (
        <p className="px-4 py-4 text-sm text-ink-soft">{which === 'refused' ? 'None was refused.' : 'Nothing has been tried yet.'}</p>
      )}
      {data !== undefined && data.items.length > 0 && (
        <DataTable
          caption="Result of each workload, the newest first"
          columns={COLUMNS}
          rows={data.items}
          getRowId={(row) => row.workload_id}
        />
      )}
      {data !== undefined && data.next_cursor !== null && (
        <p className="border-t border-line px-4 py-2 text-xs text-ink-mute">The newest {SHOWN} are shown.</p>
      )}
    </Panel>
  );
}

function Stop({ operation }: { operation: Operation }) {
  const stop = useMutation({
    mutationFn: () => client.operations.stop.mutate({ id: operation.id }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.operations.pathKey() }),
    onError: (error) => notify({ title: 'Could not stop it', detail: toFailure(error).message, tone: 'red' }),
  });
  if (operation.status !== 'running') return null;
  return (
    <Button disabled={stop.isPending} onClick={() => stop.mutate()}>
      <Square aria-hidden className="size-4" /> Stop
    </Button>
  );
}

function Undo({ operation }: { operation: Operation }) {
  const undo = useUndoCancel(operation.id);
  if (operation.action !== 'cancel' || operation.status === 'running' || operation.succeeded === 0) return null;
  return (
    <Confirm
      title="Undo this cancel?"
      action={`Queue ${plural(operation.succeeded, 'workload')} again`}
      dismiss="Leave them cancelled"
      onConfirm={() => undo.mutate()}
      trigger={
        <Button disabled={undo.isPending}>
          <Undo2 aria-hidden className="size-4" /> Undo
        </Button>
      }
    >
      Exactly the workloads it cancelled are queued again. Those that were running start over from their last checkpoint.
    </Confirm>
  );
}

function describe(operation: Operation): string {
  const left = operation.total - operation.succeeded - operation.refused;
  const parts = [`${formatCount(operation.succeeded)} done`];
  if (operation.refused > 0) parts.push(`${formatCount(operation.refused)} refused`);
  if (left > 0) parts.push(operation.status === 'running' ? `${formatCount(left)} to go` : `${formatCount(left)} not touched`);
  return parts.join(', ');
}

function Header({ operation }: { operation: Operation }) {
  return (
    <PageHeader
      title={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Status look={OPERATION_LOOK[operation.status]} className="font-semibold [&_svg]:size-5" />
          <span className="font-normal">{titleOf(operation)}</span>
        </span>
      }
      lead={
        <>
          Of {describeFilter(operation.filter)}.{' '}
          {operation.succeeded > 0 && (
            <Link to="/workloads" search={{ operation: operation.id }} className="link">
              Show them as they are now
            </Link>
          )}
        </>
      }
    >
      <Stop operation={operation} />
      <Undo operation={operation} />
    </PageHeader>
  );
}

/** A bulk action: how far it is, what was refused and why, and the way back. */
export function OperationPage() {
  const { id } = useParams({ from: '/activity/bulk/$id' });
  const { data, error, refetch } = useOperation(id);
  useTitle(`${data === undefined ? shortId(id) : titleOf(data)} · Activity`);
  const failure = error === null ? null : toFailure(error);
  if (data === undefined) {
    if (failure !== null) return <FailurePage failure={failure} onRetry={() => void refetch()} />;
    return (
      <div className="panel">
        <SkeletonRows count={5} />
      </div>
    );
  }
  const duration = data.finished_at === null ? null : Math.max(0, Date.parse(data.finished_at) - Date.parse(data.created_at));
  return (
    <div className="flex flex-col gap-4">
      <Header operation={data} />
      {failure !== null && <FailureStrip what="This page is not up to date." failure={failure} onRetry={() => void refetch()} />}
      <section aria-label="Progress" className="panel flex flex-wrap items-center gap-x-8 gap-y-2 px-4 py-3">
        <div className="min-w-56 flex-1">
          <ProgressBar progress={{ done: data.succeeded + data.refused, total: data.total, message: describe(data) }} />
        </div>
        <span className="text-sm text-ink-soft">
          Started <FullMoment at={data.created_at} />, {data.status === 'running' ? 'running for ' : 'took '}
          <Elapsed ms={duration} since={data.created_at} />
        </span>
      </section>
      <Items operation={data} />
    </div>
  );
}
