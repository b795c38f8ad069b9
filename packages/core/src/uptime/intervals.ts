/** Half-open stretches of time in epoch milliseconds. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** Sorted, without overlaps or empty stretches. */
export function merge(intervals: readonly Interval[]): Interval[] {
  const out: { from: number; to: number }[] = [];
  for (const { from, to } of intervals.filter((entry) => entry.from < entry.to).toSorted((left, right) => left.from - right.from)) {
    const last = out.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else out.push({ from, to });
  }
  return out;
}

/** The part inside a window. */
export function clip(intervals: readonly Interval[], window: Interval): Interval[] {
  return intervals
    .map(({ from, to }) => ({ from: Math.max(from, window.from), to: Math.min(to, window.to) }))
    .filter((entry) => entry.from < entry.to);
}

/** What of `intervals` lies outside of `removed`; both merged. */
export function subtract(intervals: readonly Interval[], removed: readonly Interval[]): Interval[] {
  const out: Interval[] = [];
  for (const { from, to } of intervals) {
    let start = from;
    for (const hole of removed) {
      if (hole.to <= start || hole.from >= to) continue;
      if (hole.from > start) out.push({ from: start, to: hole.from });
      start = Math.max(start, hole.to);
    }
    if (start < to) out.push({ from: start, to });
  }
  return out;
}

export function lengthOf(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, { from, to }) => sum + to - from, 0);
}
