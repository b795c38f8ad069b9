import { formatClock, formatCount, formatDateTime } from '../lib/format.ts';
import type { Tone } from './status.tsx';

/** One line of a chart: a value per time; null is a gap, never a zero. */
export interface SeriesLine {
  /** Name of its column in a file, with the unit: `p95_ms`. */
  key: string;
  label: string;
  tone: Tone;
  values: readonly (number | null)[];
  /** Counts of what went wrong: crosses on the axis instead of a line. */
  isMark?: boolean;
  /** Shown beside the name while no point is chosen. */
  summary?: string;
}

export interface SeriesData {
  /** Starts of the buckets in milliseconds, ascending. */
  times: readonly number[];
  lines: readonly SeriesLine[];
}

/** A stretch of time behind the lines, such as an outage. */
export interface SeriesSpan {
  from: number;
  to: number;
  tone: Tone;
}

/** A value of a line as text; marks are counts, whatever the lines measure. */
export function formatOf(line: SeriesLine, formatValue: (value: number) => string): (value: number) => string {
  return line.isMark === true ? formatCount : formatValue;
}

/** Lines are told apart by their pattern too, not by colour alone. */
export const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3]];

/** Values as they are, times in UTC: what a file is read by next is not known. */
export function toCsv({ times, lines }: SeriesData): string {
  const rows = times.map((time, index) => [new Date(time).toISOString(), ...lines.map((line) => line.values[index] ?? '')].join(','));
  return [['time_utc', ...lines.map((line) => line.key)].join(','), ...rows, ''].join('\n');
}

/** The start of a bucket, with seconds only where buckets are shorter than a minute. */
export function formatBucket(ms: number, timeZone: string): string {
  const text = formatDateTime(new Date(ms).toISOString(), timeZone);
  return ms % 60_000 === 0 ? text.slice(0, -3) : text;
}

export interface Tick {
  ms: number;
  stepMs: number;
  /** The tick to its left, when there is one. */
  previousMs: number | undefined;
}

/** The text under a tick: the clock, and the day on a second line where it begins. */
export function formatTick({ ms, stepMs, previousMs }: Tick, timeZone: string): string {
  const day = formatDateTime(new Date(ms).toISOString(), timeZone).slice(0, 6);
  if (stepMs >= 86_400_000) return day;
  const clock = formatClock(ms, timeZone);
  const time = stepMs < 60_000 ? clock : clock.slice(0, -3);
  const isNewDay = previousMs === undefined || formatDateTime(new Date(previousMs).toISOString(), timeZone).slice(0, 6) !== day;
  return isNewDay ? `${time}\n${day}` : time;
}

/** Each line on top of the ones before it. A null counts as nothing there; a time without any value stays a gap. */
export function stack(lines: readonly SeriesLine[], count: number): (number | null)[][] {
  const sums = Array.from({ length: count }, (): number | null => null);
  return lines.map((line) =>
    line.values.map((value, index) => {
      if (value !== null) sums[index] = (sums[index] ?? 0) + value;
      return sums[index] ?? null;
    }),
  );
}

/** Points with a gap on both sides: a line would not show them. */
export function lonelyPoints(values: readonly (number | null | undefined)[]): number[] {
  return values.flatMap((value, index) => {
    const isKnown = value !== null && value !== undefined;
    return isKnown && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null ? [index] : [];
  });
}
