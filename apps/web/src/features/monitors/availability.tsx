import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Timeline, Uptime } from '@tidemark/core/uptime/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, formatDateTime, formatDuration, formatPct, plural, UNKNOWN } from '../../lib/format.ts';
import { DAY_MS } from '../../lib/ranges.ts';
import type { Span } from '../../lib/ranges.ts';
import { trpc } from '../../lib/trpc.ts';
import { FailureStrip } from '../../ui/notice.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useZone } from '../../ui/time.tsx';
import { UptimeCells } from '../../ui/uptime-cells.tsx';
import type { CellTone, UptimeCell } from '../../ui/uptime-cells.tsx';
import { Vital, Vitals } from '../../ui/vitals.tsx';

type Cell = Timeline['cells'][number];

/** Days of the calendar from here on; shorter stretches are cut into equal parts. */
export const CALENDAR_FROM_MS = 20 * DAY_MS;

function toneOf(cell: Cell): CellTone {
  if (cell.up_ms + cell.down_ms === 0) return cell.left_out_ms > 0 ? 'quiet' : 'none';
  if (cell.down_ms === 0) return 'good';
  return cell.up_ms === 0 ? 'bad' : 'mixed';
}

function placeOf(cell: Cell, isDay: boolean, timeZone: string): string {
  const from = formatDateTime(cell.from, timeZone);
  if (isDay) return from.slice(0, 11);
  return `${from.slice(0, 6)} ${from.slice(12, 17)} – ${formatDateTime(cell.to, timeZone).slice(12, 17)}`;
}

function textOf(cell: Cell): string {
  if (cell.up_ms + cell.down_ms === 0) {
    if (cell.left_out_ms > 0) return 'does not count';
    return cell.unknown_ms > 0 ? 'nothing was observed' : 'before the monitor existed';
  }
  const down = cell.down_ms === 0 ? '' : `, down ${formatDuration(cell.down_ms)}`;
  return `${formatPct(cell.uptime_pct)}${cell.outages === 0 ? '' : `, ${plural(cell.outages, 'outage')}`}${down}`;
}

interface CellsProps {
  timeline: Timeline;
  words: string;
  isDays: boolean;
  onZoom(from: number, to: number): void;
}

export function Cells({ timeline, words, isDays, onZoom }: CellsProps) {
  const timeZone = useZone();
  const cells = timeline.cells.map((cell): UptimeCell => ({
    tone: toneOf(cell),
    text: `${placeOf(cell, isDays, timeZone)}: ${textOf(cell)}`,
  }));
  const choose = (index: number): void => {
    const cell = timeline.cells[index];
    if (cell !== undefined) onZoom(Date.parse(cell.from), Date.parse(cell.to));
  };
  return (
    <div className="px-4 pt-3 pb-2">
      <UptimeCells label={`Uptime, ${words}`} cells={cells} onChoose={choose} />
      <div aria-hidden className="flex justify-between pt-1 text-xs text-ink-mute">
        <span>{formatDateTime(timeline.from, timeZone).slice(0, -3)}</span>
        <span>{isDays ? `days in ${timeZone}` : timeZone}</span>
        <span>{formatDateTime(timeline.to, timeZone).slice(0, -3)}</span>
      </div>
    </div>
  );
}

/** Why the figures are what they are, in sentences; read when it is asked for. */
function Explanation({ testId, span }: { testId: string; span: Span }) {
  const timeZone = useZone();
  const window = { from: new Date(span.from).toISOString(), ...(span.isSliding ? {} : { to: new Date(span.to).toISOString() }) };
  const { data, error, refetch } = useQuery(trpc.monitors.explain.queryOptions({ test_id: testId, ...window }));
  if (error !== null) return <FailureStrip what="It could not be explained." failure={toFailure(error)} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton className="h-4 w-80" />;
  return (
    <div className="flex flex-col gap-3 text-sm text-ink-soft">
      <ul className="flex list-disc flex-col gap-1 pl-5">
        {data.sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
        <li>
          A run speaks for {formatDuration(data.policy.stale_after_seconds * 1000)} at most; after that the state is unknown. Unknown,
          paused, planned and excluded time is left out of the time. Slow runs count as passed.
        </li>
      </ul>
      {data.excluded.length > 0 && (
        <ul className="flex flex-col gap-1">
          {data.excluded.map((entry) => (
            <li key={`${entry.kind} ${entry.from}`}>
              <span className="font-medium text-ink">{entry.kind}</span> {formatDateTime(entry.from, timeZone)} –{' '}
              {formatDateTime(entry.to, timeZone)} {entry.reason}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface FiguresProps {
  testId: string;
  span: Span;
  uptime: Uptime | undefined;
  /** Of the whole window; null where only the chart knows. */
  p95Ms: number | null | undefined;
  outages: number | undefined;
}

function ByTime({ uptime }: { uptime: Uptime | undefined }) {
  const pct = uptime?.time_weighted.uptime_pct ?? null;
  const note = pct === null ? 'no time counts' : `down ${formatDuration(uptime?.time_weighted.down_ms)}`;
  return (
    <Vital name="Uptime by time" note={note} isBad={pct !== null && pct < 99}>
      {formatPct(pct)}
    </Vital>
  );
}

/** What is counted in runs: unknown, never zero, while there are none. */
function ByRuns({ uptime, outages }: Pick<FiguresProps, 'uptime' | 'outages'>) {
  const known = uptime?.has_data === true ? uptime : undefined;
  const passed = known === undefined ? 'no runs' : `${formatCount(known.passed_runs)} of ${formatCount(known.total_runs)} passed`;
  const isThin = known !== undefined && known.coverage_pct < 95;
  return (
    <>
      <Vital name="Uptime by runs" note={passed}>
        {known === undefined ? UNKNOWN : `${known.uptime_pct.toFixed(1)} %`}
      </Vital>
      <Vital
        name="Failed runs"
        note={outages === undefined ? '' : plural(outages, 'outage')}
        isBad={known !== undefined && known.failed_runs > 0}
      >
        {formatCount(known?.failed_runs)}
      </Vital>
      <Vital name="Coverage" note="runs of those due">
        <span className={isThin ? 'text-amber' : ''}>{known === undefined ? UNKNOWN : `${known.coverage_pct} %`}</span>
      </Vital>
    </>
  );
}

export function AvailabilityFigures({ testId, span, uptime, p95Ms, outages }: FiguresProps) {
  const [isExplained, setExplained] = useState(false);
  return (
    <>
      <Vitals label="Figures">
        <ByTime uptime={uptime} />
        <ByRuns uptime={uptime} outages={outages} />
        <Vital name="p95" note={p95Ms === null || p95Ms === undefined ? 'see the chart' : 'of all runs'}>
          {formatDuration(p95Ms)}
        </Vital>
        <Vital name="Mean duration" note={uptime?.degraded_runs === 0 ? '' : `${formatCount(uptime?.degraded_runs)} slow`}>
          {formatDuration(uptime?.avg_duration_ms)}
        </Vital>
      </Vitals>
      <details className="border-t border-line px-4 py-2" onToggle={(event) => setExplained(event.currentTarget.open)}>
        <summary className="w-fit cursor-pointer rounded-sm py-1 text-sm text-ink-soft hover:text-ink">How is this computed?</summary>
        <div className="pt-2 pb-2">{isExplained && <Explanation testId={testId} span={span} />}</div>
      </details>
    </>
  );
}
