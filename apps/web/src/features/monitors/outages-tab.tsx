import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { toFailure } from '../../lib/failure.ts';
import { formatDateTime, plural } from '../../lib/format.ts';
import { client, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { OUTAGE_LOOK, Status } from '../../ui/status.tsx';
import { Elapsed, Moment, useZone } from '../../ui/time.tsx';
import { notify } from '../../ui/toast.tsx';
import { refreshMonitors } from './actions.ts';

function Exclusions({ testId }: { testId: string }) {
  const timeZone = useZone();
  const { data } = useQuery(trpc.monitors.exclusions.queryOptions({ test_id: testId }));
  const revoke = useMutation({
    mutationFn: (id: string) => client.monitors.revokeExclusion.mutate({ test_id: testId, id }),
    onSuccess: async () => {
      notify({ title: 'It counts again' });
      await refreshMonitors();
    },
    onError: (error) => notify({ title: 'Could not take it back', detail: toFailure(error).message, tone: 'red' }),
  });
  if (data === undefined || data.items.length === 0) return null;
  return (
    <section aria-labelledby="exclusions" className="border-t border-line">
      <h3 id="exclusions" className="px-4 pt-3 text-sm font-semibold">
        Excluded time
      </h3>
      <ul className="divide-y divide-line">
        {data.items.map((span) => (
          <li key={span.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-sm">
            <span className="whitespace-nowrap">
              {formatDateTime(span.from, timeZone).slice(0, -3)} – {formatDateTime(span.to, timeZone).slice(0, -3)}
            </span>
            <span className="min-w-0 flex-1 break-words text-ink-soft">
              {span.reason}
              {span.created_by !== null && <span className="text-ink-mute"> by {span.created_by}</span>}
            </span>
            {span.revoked_at === null ? (
              <Button size="small" disabled={revoke.isPending} onClick={() => revoke.mutate(span.id)}>
                Count it again
              </Button>
            ) : (
              <span className="text-xs text-ink-mute">
                taken back <Moment at={span.revoked_at} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Failures that follow each other, newest first, and what a person took out of the figures. */
export function OutagesTab({ testId }: { testId: string }) {
  const { data, error, refetch } = useQuery(trpc.monitors.outages.queryOptions({ test_id: testId, limit: 100 }));
  return (
    <>
      {error !== null && <FailureStrip what="The list is not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <SkeletonRows count={3} />}
      {data?.items.length === 0 && <p className="px-4 py-6 text-sm text-ink-soft">It has never been down.</p>}
      <ul className="divide-y divide-line">
        {(data?.items ?? []).map((outage) => (
          <li key={outage.id} className="grid grid-cols-[8.5rem_minmax(0,1fr)_auto] items-baseline gap-x-3 px-4 py-2 text-sm">
            <Status look={OUTAGE_LOOK[outage.status]} />
            <span className="min-w-0">
              <Link to="/incidents/$id" params={{ id: outage.id }} className="link text-ink">
                <Moment at={outage.opened_at} />
              </Link>
              <span className="block truncate text-xs text-ink-mute" title={outage.error ?? ''}>
                {plural(outage.failed_runs, 'failed run')}
                {outage.error !== null && `: ${outage.error}`}
              </span>
            </span>
            <Elapsed ms={outage.duration_ms} since={outage.opened_at} />
          </li>
        ))}
      </ul>
      <Exclusions testId={testId} />
    </>
  );
}
