import { useMemo } from 'react';
import { toFailure } from '../../lib/failure.ts';
import { plural } from '../../lib/format.ts';
import { describeSpan } from '../../lib/ranges.ts';
import type { RangeSearch, Span } from '../../lib/ranges.ts';
import { countSamples, formatRate, rateLines, rateTimes, useThroughput } from '../../lib/throughput.ts';
import { BUCKET_MS } from '../../lib/workload-series.ts';
import { Panel } from '../../ui/page.tsx';
import { RangeMenu } from '../../ui/range-menu.tsx';
import { TimeSeries } from '../../ui/time-series.tsx';
import { useZone } from '../../ui/time.tsx';
import { WORKERS_RANGE } from './search.ts';

interface ThroughputProps {
  span: Span;
  search: RangeSearch;
  /** One worker; all of them when left out. */
  workerId?: string;
  onChange(range: RangeSearch): void;
}

/** How fast the work went, of one worker or of all together. */
export function Throughput({ span, search, workerId, onChange }: ThroughputProps) {
  const timeZone = useZone();
  const { data, error, refetch, dataUpdatedAt } = useThroughput(span, workerId === undefined ? {} : { worker_id: workerId });
  const points = data?.points;
  const bucketMs = BUCKET_MS[data?.bucket ?? 'minute'];
  const lines = useMemo(() => points && { times: rateTimes(points), lines: rateLines(points, bucketMs) }, [points, bucketMs]);
  const reports = points === undefined ? '' : ` from ${plural(countSamples(points), 'report')}`;
  const title = workerId === undefined ? 'Fleet throughput' : 'Throughput';
  const whole = workerId === undefined ? 'all workers together' : 'this worker';
  const onZoom = (from: number, to: number): void =>
    onChange({ range: undefined, from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  return (
    <Panel title={title} aside={<RangeMenu label="Time" search={search} fallback={WORKERS_RANGE} onChange={onChange} />}>
      <TimeSeries
        label={title}
        caption={`Keys per second of ${whole}${reports}. ${describeSpan(search, WORKERS_RANGE, timeZone)}, by ${data?.bucket ?? 'minute'}. A gap is a time without a report.`}
        data={lines}
        from={span.from}
        to={span.to}
        bucketMs={bucketMs}
        formatValue={formatRate}
        empty="No keys were reported in this time"
        failure={error === null ? null : toFailure(error)}
        updatedAt={dataUpdatedAt}
        onRetry={() => void refetch()}
        onZoom={onZoom}
      />
    </Panel>
  );
}
