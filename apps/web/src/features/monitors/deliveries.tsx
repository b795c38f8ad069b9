import { useQuery } from '@tanstack/react-query';
import { toFailure } from '../../lib/failure.ts';
import { trpc } from '../../lib/trpc.ts';
import { FailureStrip } from '../../ui/notice.tsx';
import { DELIVERY_LOOK, Status } from '../../ui/status.tsx';
import { Moment } from '../../ui/time.tsx';

/** The latest notices of a monitor, and what became of each. */
export function Deliveries({ testId }: { testId: string }) {
  const { data, error, refetch } = useQuery(trpc.deliveries.list.queryOptions({ test_id: testId, limit: 20 }));
  return (
    <section aria-labelledby="deliveries">
      <h3 id="deliveries" className="text-sm font-semibold">
        Notices
      </h3>
      {error !== null && <FailureStrip what="This is not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && <p className="mt-2 text-sm text-ink-soft">None was sent yet.</p>}
      <ul className="mt-1 divide-y divide-line">
        {(data?.items ?? []).map((delivery) => (
          <li key={delivery.id} className="grid grid-cols-[7rem_minmax(0,1fr)_auto] items-baseline gap-x-3 py-1.5 text-sm">
            <Status look={DELIVERY_LOOK[delivery.status]} />
            <span className="min-w-0 truncate" title={delivery.last_error ?? ''}>
              {delivery.kind} to {delivery.channel_name}
              {delivery.last_error !== null && <span className="text-xs text-red"> {delivery.last_error}</span>}
            </span>
            <Moment at={delivery.delivered_at ?? delivery.created_at} className="text-xs text-ink-mute" />
          </li>
        ))}
      </ul>
    </section>
  );
}
