import { useMemo } from 'react';
import type { PlatformKey } from '@tidemark/core/platforms/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, formatDuration } from '../../lib/format.ts';
import type { Span } from '../../lib/ranges.ts';
import { BUCKET_MS } from '../../lib/workload-series.ts';
import { Panel } from '../../ui/page.tsx';
import { TimeSeries } from '../../ui/time-series.tsx';
import { endLines, publicationTimes, timeLines, usePublicationSeries } from './queries.ts';

interface ChartsProps {
  span: Span;
  words: string;
  platform?: PlatformKey;
  onZoom(from: number, to: number): void;
}

/** How publications ended, and how long they took, of one platform or of all. */
export function PublishingCharts({ span, words, platform, onZoom }: ChartsProps) {
  const { data, error, refetch, dataUpdatedAt } = usePublicationSeries(span, platform);
  const points = data?.points;
  const ends = useMemo(() => points && { times: publicationTimes(points), lines: endLines(points) }, [points]);
  const times = useMemo(() => points && { times: publicationTimes(points), lines: timeLines(points) }, [points]);
  const bucket = data?.bucket ?? 'hour';
  const shared = {
    from: span.from,
    to: span.to,
    bucketMs: BUCKET_MS[bucket],
    failure: error === null ? null : toFailure(error),
    updatedAt: dataUpdatedAt,
    onRetry: () => void refetch(),
    onZoom,
  };
  return (
    <div className="grid min-w-0 items-start gap-4 xl:grid-cols-2">
      <Panel title="Published and failed">
        <TimeSeries
          {...shared}
          label="Published and failed"
          drawing="stack"
          caption={`Publications that ended, by ${bucket}, ${words}.`}
          data={ends}
          formatValue={formatCount}
          isWhole
          empty="Nothing was published in this time"
        />
      </Panel>
      <Panel title="Time to publish">
        <TimeSeries
          {...shared}
          label="Time to publish"
          caption={`Mean time from request to publication, by ${bucket}, ${words}; a gap is a time without one.`}
          data={times}
          formatValue={formatDuration}
          empty="Nothing was published in this time"
        />
      </Panel>
    </div>
  );
}
