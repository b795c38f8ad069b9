import { useQuery } from '@tanstack/react-query';
import type { Monitor } from '@tidemark/core/monitors/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatDuration, formatPct, UNKNOWN } from '../../lib/format.ts';
import { trpc } from '../../lib/trpc.ts';
import { cn } from '../../ui/class-names.ts';
import { FailureStrip } from '../../ui/notice.tsx';
import { Fact, Facts, Panel } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';

/** Above 1 the budget is spent before its window is over. */
function Burn({ rate }: { rate: number | null }) {
  if (rate === null) return <span className="text-ink-mute">{UNKNOWN}</span>;
  const tone = rate > 10 ? 'text-red font-medium' : rate > 1 ? 'text-amber font-medium' : '';
  return <span className={tone}>{rate === 0 ? '0' : rate < 10 ? rate.toFixed(1) : Math.round(rate)}×</span>;
}

/** How much may still go wrong, and how fast it does; only for monitors with a target. */
export function SloPanel({ monitor }: { monitor: Monitor }) {
  const { data, error, refetch } = useQuery(trpc.monitors.slo.queryOptions({ test_id: monitor.id }));
  const left = data === undefined || data.budget_ms === 0 ? null : data.remaining_ms / data.budget_ms;
  return (
    <Panel title="Error budget" aside="last 30 days">
      {error !== null && <FailureStrip what="This is not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <SkeletonRows count={3} />}
      {data !== undefined && (
        <>
          <div className="flex items-center gap-3 px-4 pt-3">
            <div
              role="meter"
              aria-label="Error budget left"
              aria-valuemin={0}
              aria-valuemax={100}
              aria-valuenow={Math.round(Math.max(0, left ?? 0) * 100)}
              className="h-2 min-w-24 flex-1 overflow-hidden rounded-full bg-line"
            >
              <div
                className={cn('h-full origin-left', left !== null && left < 0.25 ? 'bg-red' : 'bg-green')}
                style={{ transform: `scaleX(${Math.max(0, Math.min(1, left ?? 0))})` }}
              />
            </div>
            <span className="text-sm">
              {data.remaining_ms < 0 ? `${formatDuration(-data.remaining_ms)} overspent` : `${formatDuration(data.remaining_ms)} left`}
            </span>
          </div>
          <Facts>
            <Fact name="Target">{data.target_pct} %</Fact>
            <Fact name="Uptime">{formatPct(data.uptime_pct)}</Fact>
            <Fact name="Budget">{formatDuration(data.budget_ms)}</Fact>
            <Fact name="Burn, 1 h">
              <Burn rate={data.burn_rate_1h} />
            </Fact>
            <Fact name="Burn, 6 h">
              <Burn rate={data.burn_rate_6h} />
            </Fact>
            <Fact name="Burn, 3 d">
              <Burn rate={data.burn_rate_3d} />
            </Fact>
          </Facts>
        </>
      )}
    </Panel>
  );
}
