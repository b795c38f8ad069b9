import type { Segment } from '../outages/index.ts';
import type { TimeWeighted } from './contract.ts';
import { clip, lengthOf, merge, subtract, type Interval } from './intervals.ts';

export interface Overlays {
  readonly paused: readonly Interval[];
  readonly maintenance: readonly Interval[];
  readonly excluded: readonly Interval[];
}

export interface TimelineWindow extends Interval {
  /** When the monitor began to exist. */
  readonly created_at: number;
  /** Until when the open segment holds: the latest run and the time it speaks for. */
  readonly known_until: number;
}

function stretches(segments: readonly Segment[], state: Segment['state'], window: TimelineWindow): Interval[] {
  const known = segments
    .filter((segment) => segment.state === state)
    .map(({ from, to }) => ({ from, to: to ?? Math.max(from, window.known_until) }));
  return clip(merge(known), window);
}

/**
 * Shares of a window by state. Overlays win over what was observed, in the order excluded, maintenance, paused, not yet; what nobody
 * observed is unknown. None of them counts: uptime is up / (up + down), null when that is nothing. **Source:** CONTRACT §5.
 */
export function timeWeighted(segments: readonly Segment[], overlays: Overlays, window: TimelineWindow): TimeWeighted {
  const whole = merge([{ from: window.from, to: window.to }]);
  let rest = whole;
  const take = (intervals: readonly Interval[]): number => {
    const before = lengthOf(rest);
    rest = subtract(rest, clip(merge(intervals), window));
    return before - lengthOf(rest);
  };
  const excluded_ms = take(overlays.excluded);
  const maintenance_ms = take(overlays.maintenance);
  const paused_ms = take(overlays.paused);
  const not_yet_ms = take([{ from: window.from, to: window.created_at }]);
  const down_ms = take(stretches(segments, 'down', window));
  const up_ms = take(stretches(segments, 'up', window));
  const eligible_ms = up_ms + down_ms;
  return {
    uptime_pct: eligible_ms === 0 ? null : (up_ms * 100) / eligible_ms,
    eligible_ms,
    up_ms,
    down_ms,
    unknown_ms: lengthOf(rest),
    paused_ms,
    maintenance_ms,
    excluded_ms,
    not_yet_ms,
  };
}
