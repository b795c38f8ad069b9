/** Relative error of a quantile read back from the classes. */
export const RELATIVE_ERROR = 0.0216;

/** **Source:** DDSketch (Masson, Rim, Lee 2019): class i covers (γ^(i−1), γ^i] with γ = (1 + α) / (1 − α). */
const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);

/** The class of a value in milliseconds; everything up to 1 ms is class 0. */
export function classOf(ms: number): number {
  return ms <= 1 ? 0 : Math.ceil(Math.log(ms) / LOG_GAMMA - 1e-9);
}

/** The value that stands for a class: never further than `RELATIVE_ERROR` from any value in it (1 ms for class 0). */
export function valueOf(index: number): number {
  return index === 0 ? 1 : (2 * GAMMA ** index) / (GAMMA + 1);
}

/** Counts per class; histograms of several buckets or lanes merge by adding. */
export type Histogram = Map<number, number>;

export function addTo(histogram: Histogram, index: number, count: number): void {
  histogram.set(index, (histogram.get(index) ?? 0) + count);
}

export function countOf(histogram: Histogram): number {
  let total = 0;
  for (const count of histogram.values()) total += count;
  return total;
}

/** The quantile (0–1) by nearest rank, rounded to whole milliseconds above 10; null when the histogram is empty. */
export function quantile(histogram: Histogram, q: number): number | null {
  const total = countOf(histogram);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(q * total));
  let seen = 0;
  for (const [index, count] of [...histogram].sort(([left], [right]) => left - right)) {
    seen += count;
    if (seen >= rank) {
      const value = valueOf(index);
      return value >= 10 ? Math.round(value) : Math.round(value * 10) / 10;
    }
  }
  return null;
}
