import { useMemo } from 'react';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, formatDuration, plural } from '../../lib/format.ts';
import type { Span } from '../../lib/ranges.ts';
import { countSamples, formatRate, rateLines, rateTimes, useThroughput } from '../../lib/throughput.ts';
import { BUCKET_MS, countDurations, durationLines, outcomeLines, timesOf, useSeries } from '../../lib/workload-series.ts';
import { Panel } from '../../ui/page.tsx';
import { TimeSeries } from '../../ui/time-series.tsx';

interface ChartsProps {
  span: Span;
  /** In words: "last hour". */
  words: string;
  onZoom(from: number, to: number): void;
}

/** How workloads ended, and how long they took. */
export function WorkloadCharts({ span, words, onZoom }: ChartsProps) {
  const { data, error, refetch, dataUpdatedAt } = useSeries(span);
  const points = data?.points;
  const outcomes = useMemo(() => points && { times: timesOf(points), lines: outcomeLines(points) }, [points]);
  const durations = useMemo(() => points && { times: timesOf(points), lines: durationLines(points) }, [points]);
  const shared = {
    from: span.from,
    to: span.to,
    bucketMs: BUCKET_MS[data?.bucket ?? 'minute'],
    failure: error === null ? null : toFailure(error),
    updatedAt: dataUpdatedAt,
    onRetry: () => void refetch(),
    onZoom,
  };
  return (
    <>
      <Panel title="Finished workloads">
        <TimeSeries
          {...shared}
          label="Finished workloads"
          drawing="stack"
          caption={`Workloads that ended, by ${data?.bucket ?? 'minute'}, ${words}.`}
          data={outcomes}
          formatValue={formatCount}
          isWhole
          empty="Nothing ended in this time"
        />
      </Panel>
      <Panel title="Duration">
        <TimeSeries
          {...shared}
          label="Duration of workloads"
          caption={
            points === undefined
              ? 'Loading'
              : `Percentiles of ${plural(countDurations(points), 'attempt')} that ended, by ${data?.bucket ?? 'minute'}, ${words}.`
          }
          data={durations}
          formatValue={formatDuration}
          empty="No attempt ended in this time"
        />
      </Panel>
    </>
  );
}

/** What all workers together got through; left out where no work counts keys. */
export function FleetThroughput({ span, words, onZoom }: ChartsProps) {
  const { data, error, refetch, dataUpdatedAt } = useThroughput(span);
  const points = data?.points;
  const bucketMs = BUCKET_MS[data?.bucket ?? 'minute'];
  const lines = useMemo(() => points && { times: rateTimes(points), lines: rateLines(points, bucketMs) }, [points, bucketMs]);
  if (points === undefined || countSamples(points) === 0) return null;
  return (
    <Panel title="Fleet throughput">
      <TimeSeries
        label="Fleet throughput"
        caption={`Keys per second of all workers together, by ${data?.bucket ?? 'minute'}, ${words}; a gap is a time without a report.`}
        data={lines}
        from={span.from}
        to={span.to}
        bucketMs={bucketMs}
        formatValue={formatRate}
        empty="No keys were scanned in this time"
        failure={error === null ? null : toFailure(error)}
        updatedAt={dataUpdatedAt}
        onRetry={() => void refetch()}
        onZoom={onZoom}
      />
    </Panel>
  );
}
