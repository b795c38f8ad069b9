import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SeriesPoint } from '@tidemark/core/stats/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, formatDateTime, formatDuration } from '../../lib/format.ts';
import { trpc } from '../../lib/trpc.ts';
import { BarChart } from '../../ui/bar-chart.tsx';
import type { Bar } from '../../ui/bar-chart.tsx';
import { Segments } from '../../ui/field.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { Panel } from '../../ui/page.tsx';
import { useZone } from '../../ui/time.tsx';

const WINDOWS = [
  { value: 'minute', label: '1 h', words: 'last hour, by minute' },
  { value: 'hour', label: '60 h', words: 'last 60 hours, by hour' },
] as const;
type Bucket = (typeof WINDOWS)[number]['value'];

function toBar(point: SeriesPoint, timeZone: string): Bar {
  return {
    label: formatDateTime(point.bucket_start, timeZone).slice(0, -3),
    good: point.completed,
    bad: point.failed,
    other: point.cancelled,
  };
}

function describe(points: readonly SeriesPoint[], words: string): string {
  const sum = (pick: (point: SeriesPoint) => number): number => points.reduce((total, point) => total + pick(point), 0);
  const p95 = Math.max(...points.map((point) => point.duration_ms.p95 ?? 0), 0);
  const text = `${formatCount(sum((point) => point.completed))} completed, ${formatCount(sum((point) => point.failed))} failed and ${formatCount(sum((point) => point.cancelled))} cancelled in the ${words}`;
  return p95 > 0 ? `${text}; slowest p95 duration ${formatDuration(p95)}.` : `${text}.`;
}

/** What finished, per bucket, with how it ended. */
export function Throughput() {
  const [bucket, setBucket] = useState<Bucket>('minute');
  const timeZone = useZone();
  const { data, error, refetch } = useQuery(trpc.workloads.series.queryOptions({ bucket }));
  const words = WINDOWS.find((window) => window.value === bucket)?.words ?? '';
  return (
    <Panel
      title="Finished workloads"
      aside={
        <Segments<Bucket>
          label="Window"
          value={bucket}
          options={WINDOWS.map(({ value, label }) => ({ value, label }))}
          onChange={(next) => setBucket(next)}
        />
      }
    >
      {error !== null && <FailureStrip what="The chart is not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
      <BarChart
        bars={data?.points.map((point) => toBar(point, timeZone))}
        caption={data === undefined ? 'Loading' : describe(data.points, words)}
      />
    </Panel>
  );
}
