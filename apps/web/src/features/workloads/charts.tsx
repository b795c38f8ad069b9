import { ChevronDown, ChevronRight } from 'lucide-react';
import { useMemo } from 'react';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, formatDuration, plural } from '../../lib/format.ts';
import { describeSpan } from '../../lib/ranges.ts';
import { useSpan } from '../../lib/span.ts';
import { createStored, useStored } from '../../lib/stored.ts';
import { BUCKET_MS, countDurations, durationLines, outcomeLines, timesOf, useSeries } from '../../lib/workload-series.ts';
import { Button } from '../../ui/button.tsx';
import { TimeSeries } from '../../ui/time-series.tsx';
import { useZone } from '../../ui/time.tsx';
import { useChangeFilter } from './filter-bar.tsx';
import type { WorkloadSearch } from './search.ts';

/** Shown unless someone chose otherwise, or the screen has no room above the list. */
const isShown = createStored<boolean | null>('workloads.charts', (raw) => (typeof raw === 'boolean' ? raw : null));
const hasRoom = matchMedia('(min-width: 64rem) and (min-height: 44rem)');

/** Charts need an end and a beginning, which "any time" does not have. */
const FALLBACK = '1h';

function Drawings({ search }: { search: WorkloadSearch }) {
  const change = useChangeFilter();
  const timeZone = useZone();
  const span = useSpan(search, FALLBACK);
  const { data, error, refetch, dataUpdatedAt } = useSeries(span, { kind: search.kind, queue: search.queue });
  const points = data?.points;
  const outcomes = useMemo(() => points && { times: timesOf(points), lines: outcomeLines(points) }, [points]);
  const durations = useMemo(() => points && { times: timesOf(points), lines: durationLines(points) }, [points]);
  const population = [search.kind && `kind ${search.kind}`, search.queue && `queue ${search.queue}`].filter(Boolean).join(', ');
  const words = `${describeSpan(search, FALLBACK, timeZone)}${population === '' ? '' : `, ${population}`}, by ${data?.bucket ?? 'minute'}`;
  const shared = {
    isCompact: true,
    from: span.from,
    to: span.to,
    bucketMs: BUCKET_MS[data?.bucket ?? 'minute'],
    failure: error === null ? null : toFailure(error),
    updatedAt: dataUpdatedAt,
    onRetry: () => void refetch(),
    onZoom: (from: number, to: number) => change({ range: undefined, from: new Date(from).toISOString(), to: new Date(to).toISOString() }),
  };
  return (
    <div className="grid min-w-0 divide-line border-t border-line lg:grid-cols-2 lg:divide-x">
      <TimeSeries
        {...shared}
        label="Finished workloads"
        drawing="stack"
        isWhole
        caption={`Workloads by the time they ended. ${words}.`}
        data={outcomes}
        formatValue={formatCount}
        empty="Nothing ended in this time"
      />
      <TimeSeries
        {...shared}
        label="Duration of workloads"
        caption={points === undefined ? 'Loading' : `Duration of ${plural(countDurations(points), 'attempt')}. ${words}.`}
        data={durations}
        formatValue={formatDuration}
        empty="No attempt ended in this time"
      />
    </div>
  );
}

/** What ended when, and how long it took; follows the list's range, kind and queue, and sets the range. */
export function Charts({ search }: { search: WorkloadSearch }) {
  const chosen = useStored(isShown);
  const isOpen = chosen ?? hasRoom.matches;
  const Icon = isOpen ? ChevronDown : ChevronRight;
  return (
    <section aria-label="Charts" className="panel min-w-0">
      <Button variant="quiet" aria-expanded={isOpen} className="w-full text-ink" onClick={() => isShown.set(!isOpen)}>
        <Icon aria-hidden className="size-4 text-ink-mute" /> Over time
      </Button>
      {isOpen && <Drawings search={search} />}
    </section>
  );
}
