import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { toFailure } from '../../lib/failure.ts';
import { shortId } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { useSpan } from '../../lib/span.ts';
import { useTitle } from '../../lib/title.ts';
import { trpc } from '../../lib/trpc.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { FailurePage } from '../../ui/failure-page.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { LIVENESS_LOOK, Status } from '../../ui/status.tsx';
import { Actions } from './actions.tsx';
import { WorkerFacts } from './facts.tsx';
import { Flags } from './flags.tsx';
import { EndedWorkloads, HeldWorkloads } from './jobs.tsx';
import { Reports } from './reports.tsx';
import { WORKERS_RANGE } from './search.ts';
import { Sessions } from './sessions.tsx';
import { Throughput } from './throughput.tsx';

export function WorkerPage() {
  const { id } = useParams({ from: '/workers/$id' });
  const search = useSearch({ from: '/workers/$id' });
  const navigate = useNavigate({ from: '/workers/$id' });
  const span = useSpan(search, WORKERS_RANGE);
  const { data, error, refetch } = useQuery({
    ...trpc.workers.get.queryOptions({ id }),
    placeholderData: () => undefined,
    refetchInterval: useRefreshMs(5000),
  });
  useTitle(`${data?.name ?? shortId(id)} · Workers`);
  const failure = error === null ? null : toFailure(error);
  if (failure?.code === 'NOT_FOUND' || (failure !== null && data === undefined))
    return <FailurePage failure={failure} onRetry={() => void refetch()} />;
  if (data === undefined) {
    return (
      <div className="panel">
        <SkeletonRows count={5} />
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Status look={LIVENESS_LOOK[data.liveness]} className="font-semibold [&_svg]:size-5" />
            <span className="font-normal break-all">{data.name}</span>
            <Flags worker={data} />
          </span>
        }
        lead={
          <span className="inline-flex flex-wrap items-center gap-1">
            <span className="font-mono text-xs break-all">{data.id}</span>
            <CopyButton value={data.id} label="Copy id" />
          </span>
        }
      >
        <Actions worker={data} />
      </PageHeader>
      {failure !== null && <FailureStrip what="This page is not up to date." failure={failure} onRetry={() => void refetch()} />}
      <div className="grid min-w-0 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Throughput span={span} workerId={id} search={search} onChange={(range) => void navigate({ search: range })} />
          <HeldWorkloads worker={data} />
          <EndedWorkloads worker={data} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <WorkerFacts worker={data} />
          <Sessions id={id} />
          <Reports workerId={id} />
        </div>
      </div>
    </div>
  );
}
