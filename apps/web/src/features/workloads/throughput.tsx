import { useMemo } from 'react';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, formatDuration, plural, UNKNOWN } from '../../lib/format.ts';
import type { Span } from '../../lib/ranges.ts';
import { MINUTE_MS } from '../../lib/ranges.ts';
import { useSpan } from '../../lib/span.ts';
import { countSamples, formatRate, rateLines, rateTimes, useThroughput } from '../../lib/throughput.ts';
import { BUCKET_MS } from '../../lib/workload-series.ts';
import { Panel } from '../../ui/page.tsx';
import { TimeSeries } from '../../ui/time-series.tsx';
import { FullMoment } from '../../ui/time.tsx';
import type { WorkloadDetail } from './summary.ts';

/** From its first start to its end, or to now; at least a minute wide. */
function lifeOf(workload: WorkloadDetail, now: Span): Span {
  const from = Date.parse(workload.attempts.at(0)?.started_at ?? workload.created_at);
  if (workload.finished_at === null) return { from: Math.min(from, now.to - MINUTE_MS), to: now.to, isSliding: true };
  return { from, to: Math.max(from + MINUTE_MS, Date.parse(workload.finished_at) + 1000), isSliding: false };
}

/** How fast a workload that counts keys goes through them, and when it will be done. */
export function Throughput({ workload }: { workload: WorkloadDetail }) {
  const now = useSpan({}, '1h');
  const span = lifeOf(workload, now);
  const { data, error, refetch, dataUpdatedAt } = useThroughput(span, { job_id: workload.id });
  const points = data?.points;
  const bucketMs = BUCKET_MS[data?.bucket ?? 'minute'];
  const lines = useMemo(() => points && { times: rateTimes(points), lines: rateLines(points, bucketMs) }, [points, bucketMs]);
  const estimate = data?.estimate ?? null;
  return (
    <Panel
      title="Throughput"
      aside={
        estimate !== null && (
          <span className="text-sm">
            {estimate.eta_at === null ? (
              `${formatCount(estimate.remaining)} left, ${UNKNOWN}`
            ) : (
              <>
                About {formatDuration((estimate.eta_seconds ?? 0) * 1000)} left, done <FullMoment at={estimate.eta_at} />
              </>
            )}
          </span>
        )
      }
    >
      <TimeSeries
        label="Throughput"
        caption={`${formatCount(workload.keys_scanned)} keys${points === undefined ? '' : `, ${plural(countSamples(points), 'report')}`}, by ${data?.bucket ?? 'minute'}. A gap is a time without a report.`}
        data={lines}
        from={span.from}
        to={span.to}
        bucketMs={bucketMs}
        formatValue={formatRate}
        empty="No keys were reported yet"
        isCompact
        failure={error === null ? null : toFailure(error)}
        updatedAt={dataUpdatedAt}
        onRetry={() => void refetch()}
      />
    </Panel>
  );
}
