/**
 * Passed runs in per cent, floored to one decimal: 100 only when nothing failed, and when there are no runs.
 * Whole numbers are divided once, so no rounding of an intermediate result can lift it. **Source:** requirement 002, CONTRACT §5.
 */
export function uptimePct(passed: number, total: number): number {
  return total === 0 ? 100 : Math.floor((passed * 1000) / total) / 10;
}

/** A share in per cent for display, floored to three decimals; 100 only when it is whole. */
export function floorPct(pct: number): number {
  return pct >= 100 ? 100 : Math.max(0, Math.floor(pct * 1000 + 1e-8) / 1000);
}
