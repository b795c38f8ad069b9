import { useMemo } from 'react';
import type { Outage } from '@tidemark/core/outages/contract';
import { serverNow } from '../../lib/clock.ts';
import { toFailure } from '../../lib/failure.ts';
import { formatDuration } from '../../lib/format.ts';
import { responseLines, SERIES_BUCKET_MS, SERIES_BUCKET_WORD, useMonitorSeries } from '../../lib/monitor-series.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/ranges.ts';
import { Panel } from '../../ui/page.tsx';
import type { SeriesSpan } from '../../ui/series.ts';
import { TimeSeries } from '../../ui/time-series.tsx';

const AROUND_MS = 30 * MINUTE_MS;

/** Response times before, while and after it was down. */
export function AroundChart({ outage }: { outage: Outage }) {
  const opened = Date.parse(outage.opened_at);
  const ended = outage.resolved_at === null ? null : Date.parse(outage.resolved_at);
  // Whole 5 minutes, so that an outage that goes on does not ask a new question at every turn.
  const now = Math.ceil(serverNow() / (5 * MINUTE_MS)) * 5 * MINUTE_MS;
  const around = Math.max(AROUND_MS, Math.min(6 * HOUR_MS, (ended ?? now) - opened));
  const span = { from: opened - around, to: Math.min(now, (ended ?? now) + around), isSliding: false };
  const { data, error, refetch, dataUpdatedAt } = useMonitorSeries(outage.test_id, span);
  const lines = useMemo(() => data && responseLines(data), [data]);
  const spans = useMemo((): SeriesSpan[] => [{ from: opened, to: ended ?? now, tone: 'red' }], [opened, ended, now]);
  return (
    <Panel title="Before and after">
      <TimeSeries
        label="Response time around the outage"
        caption={`Durations by ${SERIES_BUCKET_WORD[data?.bucket ?? 'hour']}. Shaded: down. A gap is a time without a run.`}
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
      />
    </Panel>
  );
}
