/** Sliding ranges as they are written in addresses. */
export const RANGES = [
  { value: '15m', label: 'Last 15 minutes', ms: 900_000 },
  { value: '1h', label: 'Last hour', ms: 3_600_000 },
  { value: '6h', label: 'Last 6 hours', ms: 21_600_000 },
  { value: '24h', label: 'Last 24 hours', ms: 86_400_000 },
  { value: '7d', label: 'Last 7 days', ms: 604_800_000 },
  { value: '30d', label: 'Last 30 days', ms: 2_592_000_000 },
] as const;

export const DAY_MS = 86_400_000;

/** Start of a sliding range, on a whole minute so that it names the same question for a while. */
export function rangeStart(range: string, now: number): string | undefined {
  const entry = RANGES.find((candidate) => candidate.value === range);
  return entry === undefined ? undefined : new Date(Math.floor((now - entry.ms) / 60_000) * 60_000).toISOString();
}
