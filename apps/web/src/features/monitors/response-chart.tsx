import { useMemo } from 'react';
import type { Timeline } from '@tidemark/core/uptime/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatDuration, plural } from '../../lib/format.ts';
import { responseLines, SERIES_BUCKET_MS, SERIES_BUCKET_WORD, useMonitorSeries } from '../../lib/monitor-series.ts';
import type { Span } from '../../lib/ranges.ts';
import { TimeSeries } from '../../ui/time-series.tsx';
import type { SeriesSpan } from '../../ui/series.ts';

interface ResponseChartProps {
  testId: string;
  span: Span;
  /** In words: "last 24 hours". */
  words: string;
  timeline: Timeline | undefined;
  onZoom(from: number, to: number): void;
}

/** Time in which it was down, and time that does not count. */
function spansOf(timeline: Timeline | undefined): SeriesSpan[] {
  const at = (text: string): number => Date.parse(text);
  const down = (timeline?.segments ?? []).filter((segment) => segment.state === 'down');
  return [
    ...down.map((segment): SeriesSpan => ({ from: at(segment.from), to: at(segment.to), tone: 'red' })),
    ...(timeline?.excluded ?? []).map((span): SeriesSpan => ({ from: at(span.from), to: at(span.to), tone: 'violet' })),
  ];
}

export function ResponseChart({ testId, span, words, timeline, onZoom }: ResponseChartProps) {
  const { data, error, refetch, dataUpdatedAt } = useMonitorSeries(testId, span);
  const lines = useMemo(() => data && responseLines(data), [data]);
  const spans = useMemo(() => spansOf(timeline), [timeline]);
  const runs = (data?.points ?? []).reduce((sum, point) => sum + point.total_runs, 0);
  return (
    <TimeSeries
      label="Response time"
      caption={`Durations of ${plural(runs, 'run')}, by ${SERIES_BUCKET_WORD[data?.bucket ?? 'hour']}, ${words}. Shaded red: down; violet: does not count. A gap is a time without a run.`}
      data={lines}
      spans={spans}
      from={span.from}
      to={span.to}
      bucketMs={SERIES_BUCKET_MS[data?.bucket ?? 'hour']}
      formatValue={formatDuration}
      empty="Nothing ran in this time"
      failure={error === null ? null : toFailure(error)}
      updatedAt={dataUpdatedAt}
      onRetry={() => void refetch()}
      onZoom={onZoom}
    />
  );
}
