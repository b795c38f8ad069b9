import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ISOLATIONS, WORKLOAD_STATUSES } from '@tidemark/core/workloads/contract';
import type { Stats } from '@tidemark/core/stats/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, formatDuration, UNKNOWN } from '../../lib/format.ts';
import { trpc } from '../../lib/trpc.ts';
import { cn } from '../../ui/class-names.ts';
import { FailureStrip } from '../../ui/notice.tsx';
import { STATUS_LOOK, StatusIcon } from '../../ui/status.tsx';
import { TideBar } from '../../ui/tide-bar.tsx';
import { createdRange, statusesOf } from './search.ts';
import type { WorkloadSearch } from './search.ts';

interface StatsStripProps {
  search: WorkloadSearch;
  now: number;
}

/** Filters the counts obey; each number links to the list of what it counts, under these. */
function populationOf(search: WorkloadSearch): WorkloadSearch {
  return { kind: search.kind, queue: search.queue, range: search.range, from: search.from, to: search.to };
}

function describePopulation(search: WorkloadSearch): string {
  const parts = [
    search.kind && `kind ${search.kind}`,
    search.queue && `queue ${search.queue}`,
    search.range && `created in the last ${search.range}`,
    (search.from ?? search.to) && 'created in the chosen range',
  ];
  const named = parts.filter((part) => part !== undefined && part !== '');
  return named.length === 0 ? 'all workloads' : `workloads of ${named.join(', ')}`;
}

function StatusFacets({ stats, search }: { stats: Stats | undefined; search: WorkloadSearch }) {
  const population = populationOf(search);
  const chosen = statusesOf(search);
  const CELL = 'flex min-w-[6.75rem] flex-1 flex-col px-4 py-2.5 hover:bg-sunken aria-[current=true]:bg-sunken -outline-offset-2';
  return (
    <nav aria-label="Workloads by status" className="flex flex-wrap divide-line sm:divide-x">
      <Link to="/workloads" search={population} className={CELL} aria-current={chosen.length === 0 ? 'true' : undefined}>
        <span className="text-xs text-ink-soft">All</span>
        <span className="text-xl/7 font-semibold tracking-[-0.01em]">{formatCount(stats?.total)}</span>
      </Link>
      {WORKLOAD_STATUSES.map((status) => {
        const count = stats?.by_status[status];
        return (
          <Link
            key={status}
            to="/workloads"
            search={{ ...population, status }}
            className={CELL}
            aria-current={chosen.includes(status) ? 'true' : undefined}
          >
            <span className="flex items-center gap-1.5 text-xs text-ink-soft">
              <StatusIcon look={{ ...STATUS_LOOK[status], isMoving: false }} className="size-3.5" />
              {STATUS_LOOK[status].word}
            </span>
            <span
              className={cn(
                'text-xl/7 font-semibold tracking-[-0.01em]',
                count === 0 && 'font-normal text-ink-mute',
                status === 'failed' && count !== undefined && count > 0 && 'text-red',
              )}
            >
              {formatCount(count)}
            </span>
          </Link>
        );
      })}
    </nav>
  );
}

function Isolations({ stats, search }: { stats: Stats | undefined; search: WorkloadSearch }) {
  return (
    <nav aria-label="Workloads by isolation" className="flex flex-wrap items-center gap-x-4 gap-y-1">
      {ISOLATIONS.map((isolation) => (
        <Link
          key={isolation}
          to="/workloads"
          search={{ ...populationOf(search), isolation }}
          className="inline-flex min-h-6 items-center gap-1.5 rounded-sm text-ink-soft hover:text-ink hover:underline"
        >
          {isolation} <span className="font-semibold text-ink">{formatCount(stats?.by_isolation[isolation])}</span>
        </Link>
      ))}
    </nav>
  );
}

/** Counts above the list: what there is, by status and by isolation, and how long it takes. */
export function StatsStrip({ search, now }: StatsStripProps) {
  const { from, to } = createdRange(search, now);
  const { data, error, refetch } = useQuery(trpc.workloads.stats.queryOptions({ from, to, kind: search.kind, queue: search.queue }));
  const isKnown = data !== undefined && data.by_status.completed > 0;
  return (
    <section aria-label="Statistics" aria-busy={data === undefined && error === null} className="panel overflow-hidden">
      <StatusFacets stats={data} search={search} />
      <TideBar counts={data?.by_status} />
      <div className="flex flex-wrap items-center gap-x-6 gap-y-1 px-4 py-2 text-xs text-ink-mute">
        <Isolations stats={data} search={search} />
        <span className="sm:ml-auto">
          Mean duration <span className="font-semibold text-ink">{isKnown ? formatDuration(data.avg_duration_ms) : UNKNOWN}</span>
          {isKnown && ` of ${formatCount(data.by_status.completed)} completed`} · {describePopulation(search)}
        </span>
      </div>
      {error !== null && <FailureStrip what="Statistics are not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
    </section>
  );
}
