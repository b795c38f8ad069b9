import { useMutation, useQuery } from '@tanstack/react-query';
import { Check, Clock, LoaderCircle, X } from 'lucide-react';
import { useState } from 'react';
import { DELIVERY_STATUSES } from '@tidemark/core/alerts/contract';
import type { Delivery } from '@tidemark/core/alerts/contract';
import { toFailure } from '../../lib/failure.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { Select } from '../../ui/field.tsx';
import { Panel } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import type { Look } from '../../ui/status.tsx';
import { Moment } from '../../ui/time.tsx';
import { notify } from '../../ui/toast.tsx';
import { Loaded } from './loaded.tsx';

const LOOKS: Record<Delivery['status'], Look> = {
  queued: { icon: Clock, word: 'Waiting', tone: 'grey' },
  sending: { icon: LoaderCircle, word: 'Sending', tone: 'blue', isMoving: true },
  delivered: { icon: Check, word: 'Delivered', tone: 'green' },
  failed: { icon: X, word: 'Given up', tone: 'red' },
};

function Again({ row }: { row: Delivery }) {
  const retry = useMutation({
    mutationFn: () => client.deliveries.retry.mutate({ id: row.id }),
    onError: (error) => notify({ title: 'It is not sent again', detail: toFailure(error).message, tone: 'red' }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.deliveries.pathKey() }),
  });
  if (row.status !== 'failed') return null;
  return (
    <Button
      size="small"
      disabled={retry.isPending}
      aria-label={`Send ${row.kind} to ${row.channel_name} again`}
      onClick={() => retry.mutate()}
    >
      Send again
    </Button>
  );
}

const COLUMNS: readonly Column<Delivery>[] = [
  { id: 'status', header: 'Status', className: 'w-32', cell: (row) => <Status look={LOOKS[row.status]} /> },
  {
    id: 'what',
    header: 'Notice',
    cell: (row) => (
      <span className="flex flex-col">
        <span>
          {row.kind} <span className="text-ink-mute">to</span> {row.channel_name}
        </span>
        {row.status !== 'delivered' && row.last_error !== null && <span className="text-xs break-words text-red">{row.last_error}</span>}
      </span>
    ),
  },
  { id: 'made', header: 'Made', className: 'hidden sm:table-cell', cell: (row) => <Moment at={row.created_at} /> },
  { id: 'tries', header: 'Tries', className: 'hidden text-right sm:table-cell', cell: (row) => row.attempts },
  { id: 'next', header: 'Next try', className: 'hidden md:table-cell', cell: (row) => <Moment at={row.next_try_at} /> },
];
const WITH_ACTIONS: readonly Column<Delivery>[] = [
  ...COLUMNS,
  { id: 'again', header: 'Actions', className: 'text-right', cell: (row) => <Again row={row} /> },
];

/** The ledger: each notice for each channel, newest first. */
export function Deliveries({ mayChange }: { mayChange: boolean }) {
  const [status, setStatus] = useState<Delivery['status'] | ''>('');
  const query = useQuery(
    trpc.deliveries.list.queryOptions({ limit: 50, ...(status === '' ? {} : { status }) }, { refetchInterval: useRefreshMs(5000) }),
  );
  return (
    <Panel
      title="Deliveries"
      aside={
        <Select
          aria-label="Status of deliveries"
          className="h-8"
          options={[{ value: '', label: 'Every status' }, ...DELIVERY_STATUSES.map((value) => ({ value, label: LOOKS[value].word }))]}
          value={status}
          onChange={(value) => setStatus(DELIVERY_STATUSES.find((known) => known === value) ?? '')}
        />
      }
    >
      <Loaded query={query}>
        {(data) =>
          data.items.length === 0 ? (
            <p className="px-4 py-6 text-center text-sm text-ink-soft">
              {status === '' ? 'No notice has been sent yet.' : 'None has this status.'}
            </p>
          ) : (
            <DataTable
              caption="Deliveries, newest first"
              columns={mayChange ? WITH_ACTIONS : COLUMNS}
              rows={data.items}
              getRowId={(row) => row.id}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}
