/** The time a demo covers, in epoch milliseconds; it ends when it is loaded. */
export interface Span {
  readonly seed: number;
  readonly days: number;
  readonly from: number;
  readonly now: number;
  readonly iso: (ms: number) => string;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export function spanOf(seed: number, days: number, nowMs: number): Span {
  // A little younger than retention keeps, so that nothing is removed at once.
  return { seed, days, now: nowMs, from: nowMs - days * DAY_MS + HOUR_MS, iso: (ms) => new Date(ms).toISOString() };
}
