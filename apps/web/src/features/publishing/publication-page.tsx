import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Ban } from 'lucide-react';
import type { PublicationAttempt, PublicationWithAttempts } from '@tidemark/core/publications/contract';
import { toFailure } from '../../lib/failure.ts';
import { shortId, UNKNOWN } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { useTitle } from '../../lib/title.ts';
import { client, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { DataTable, type Column } from '../../ui/data-table.tsx';
import { FailurePage } from '../../ui/failure-page.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { Fact, Facts, PageHeader, Panel } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { Status } from '../../ui/status.tsx';
import { FullMoment, Moment, useTimesIn } from '../../ui/time.tsx';
import { notify } from '../../ui/toast.tsx';
import { attemptLook, CAUSES, platformName, publicationLook } from './looks.ts';
import { REFRESH_MS, refreshPublishing, useFreshPublishing } from './queries.ts';
import { Reschedule } from './reschedule.tsx';
import { RetryButton } from './retry.tsx';

const ATTEMPTS: readonly Column<PublicationAttempt>[] = [
  { id: 'attempt', header: 'Attempt', className: 'w-20', cell: (row) => row.attempt },
  { id: 'outcome', header: 'Outcome', cell: (row) => <Status look={attemptLook(row)} /> },
  { id: 'status', header: 'HTTP', className: 'w-16', cell: (row) => row.http_status ?? UNKNOWN },
  { id: 'error', header: 'What the platform said', cell: (row) => <span className="text-ink-soft">{row.error ?? ''}</span> },
  { id: 'sent', header: 'Sent', className: 'hidden sm:table-cell', cell: (row) => <Moment at={row.sent_at} /> },
  {
    id: 'workload',
    header: 'Workload',
    className: 'hidden md:table-cell',
    cell: (row) =>
      row.workload_id === null ? (
        UNKNOWN
      ) : (
        <Link to="/workloads/$id" params={{ id: row.workload_id }} className="link font-mono text-xs">
          {shortId(row.workload_id)}
        </Link>
      ),
  },
];

function CancelButton({ id }: { id: string }) {
  const cancel = useMutation({
    mutationFn: () => client.publishing.publications.cancel.mutate({ id }),
    onSuccess: async () => {
      notify({ title: 'It will not be published' });
      await refreshPublishing();
    },
    onError: (error) => notify({ title: 'It was not cancelled', detail: toFailure(error).message, tone: 'red' }),
  });
  return (
    <Button disabled={cancel.isPending} onClick={() => cancel.mutate()}>
      <Ban aria-hidden className="size-3.5" /> Cancel
    </Button>
  );
}

/** Why it is where it is, and what to do about it: in the first screen, in words. */
function Why({ publication }: { publication: PublicationWithAttempts }) {
  const { status, sub_status: cause, error, wait_reason } = publication;
  const reason = useTimesIn(wait_reason ?? '');
  if (wait_reason !== null) {
    return (
      <section aria-label="Why it waits" className="panel px-4 py-3 text-sm">
        <span className="font-semibold">Why it waits: </span>
        {reason}
      </section>
    );
  }
  if (status !== 'failed') return null;
  return (
    <section aria-label="Why it failed" className="panel border-red/60 px-4 py-3 text-sm">
      <p className="font-mono text-xs break-words">{error ?? 'The platform told no reason.'}</p>
      {cause !== null && <p className="mt-2 text-ink-soft">{CAUSES[cause].hint}</p>}
      {cause !== null && (
        <p className="mt-2">
          <Link to="/publishing/queue" search={{ status: 'failed', cause, platform: publication.platform_key }} className="link">
            Everything on this platform that failed like this
          </Link>
        </p>
      )}
    </section>
  );
}

function PublicationFacts({ publication }: { publication: PublicationWithAttempts }) {
  const clip = useQuery(trpc.publishing.clips.get.queryOptions({ id: publication.clip_id })).data;
  const { campaign_id } = publication;
  const named = trpc.publishing.campaigns.get.queryOptions({ id: campaign_id ?? '' }, { enabled: campaign_id !== null });
  const campaign = useQuery(named).data;
  return (
    <Panel title="Publication">
      <Facts>
        <Fact name="Clip">{clip?.title ?? publication.clip_id}</Fact>
        <Fact name="Platform">
          <Link to="/publishing/platforms/$platform" params={{ platform: publication.platform_key }} className="link text-ink">
            {platformName(publication.platform)}
          </Link>
        </Fact>
        <Fact name="Account">
          <Link to="/publishing/queue" search={{ account: publication.social_account_id }} className="link text-ink">
            {publication.social_account_id}
          </Link>
        </Fact>
        <Fact name="Campaign">
          {publication.campaign_id === null ? (
            UNKNOWN
          ) : (
            <Link to="/publishing/campaigns/$id" params={{ id: publication.campaign_id }} className="link text-ink">
              {campaign?.name ?? publication.campaign_id}
            </Link>
          )}
        </Fact>
        <Fact name="Requested">
          <FullMoment at={publication.requested_at} />
        </Fact>
        <Fact name="Due">
          <FullMoment at={publication.due_at} />
        </Fact>
        <Fact name="Next attempt">
          <FullMoment at={publication.next_try_at} />
        </Fact>
        <Fact name="Published">
          <FullMoment at={publication.published_at} />
        </Fact>
        <Fact name="Platform's id">{publication.external_id ?? UNKNOWN}</Fact>
        <Fact name="Id">
          <span className="font-mono text-xs break-all">{publication.id}</span> <CopyButton value={publication.id} label="Copy id" />
        </Fact>
      </Facts>
    </Panel>
  );
}

export function PublicationPage() {
  const { id } = useParams({ from: '/publishing/queue/$id' });
  useFreshPublishing();
  useTitle(`${shortId(id)} · Publishing`);
  const { data, error, refetch } = useQuery(
    trpc.publishing.publications.get.queryOptions({ id }, { placeholderData: () => undefined, refetchInterval: useRefreshMs(REFRESH_MS) }),
  );
  const failure = error === null ? null : toFailure(error);
  if (data === undefined)
    return failure === null ? <SkeletonRows count={6} /> : <FailurePage failure={failure} onRetry={() => void refetch()} />;
  const isWaiting = data.status === 'pending' || data.status === 'scheduled';
  return (
    <div className="flex flex-col gap-4">
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-x-3">
            <Status look={publicationLook(data)} /> {platformName(data.platform)} · {data.social_account_id}
          </span>
        }
      >
        {(data.status === 'failed' || data.status === 'cancelled') && <RetryButton publication={data} />}
        {isWaiting && <Reschedule publication={data} />}
        {isWaiting && <CancelButton id={id} />}
      </PageHeader>
      {failure !== null && <FailureStrip what="This page is not up to date." failure={failure} onRetry={() => void refetch()} />}
      <Why publication={data} />
      <div className="grid min-w-0 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <Panel title="Attempts">
          {data.attempts.length === 0 ? (
            <p className="px-4 py-3 text-sm text-ink-soft">The platform has not been called yet.</p>
          ) : (
            <DataTable caption="Attempts, in order" columns={ATTEMPTS} rows={data.attempts} getRowId={(row) => String(row.attempt)} />
          )}
        </Panel>
        <PublicationFacts publication={data} />
      </div>
    </div>
  );
}
