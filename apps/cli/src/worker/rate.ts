const DECIMALS_BELOW = 100;

/** A rate for people: whole numbers, one decimal where that says more, `-` where there is none. */
export function formatRate(rate: number | null): string {
  if (rate === null) return '-';
  return rate < DECIMALS_BELOW ? String(Math.round(rate * 10) / 10) : String(Math.round(rate));
}
