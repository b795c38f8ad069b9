/** Lengths of the buckets, longest first, in seconds. */
export const BUCKET_SECONDS = [86_400, 3600, 300] as const;
export type BucketSeconds = (typeof BUCKET_SECONDS)[number];

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface SplitWindow {
  /** Ranges of whole buckets of one length. */
  readonly buckets: readonly (Span & { readonly seconds: BucketSeconds })[];
  /** What no bucket covers: at most two pieces, each shorter than an hour. */
  readonly raw: readonly Span[];
}

function split(window: Span, sizes: readonly BucketSeconds[], out: { buckets: (Span & { seconds: BucketSeconds })[]; raw: Span[] }): void {
  if (window.from >= window.to) return;
  const [seconds, ...finer] = sizes;
  if (seconds === undefined) {
    out.raw.push(window);
    return;
  }
  const size = seconds * 1000;
  const first = Math.ceil(window.from / size) * size;
  const last = Math.floor(window.to / size) * size;
  if (first >= last) {
    split(window, finer, out);
    return;
  }
  out.buckets.push({ from: first, to: last, seconds });
  split({ from: window.from, to: first }, finer, out);
  split({ from: last, to: window.to }, finer, out);
}

const HOUR_MS = 3_600_000;

/**
 * Covers [from, to) (epoch milliseconds) exactly with whole UTC days, hours and 5 minutes, and raw pieces at the edges: about
 * a hundred rows for 30 days of one-minute runs. Counts of 5 minutes are kept from `minutesFrom` on; before it, an edge is raw.
 * **Source:** DESIGN §5.
 */
export function splitWindow(window: Span, minutesFrom: number): SplitWindow {
  const out = { buckets: [], raw: [] };
  const edge = Math.min(Math.ceil(window.from / HOUR_MS) * HOUR_MS, window.to);
  if (window.from >= minutesFrom || edge === window.from) {
    split(window, BUCKET_SECONDS, out);
  } else {
    split({ from: window.from, to: edge }, [], out);
    split({ from: edge, to: window.to }, BUCKET_SECONDS, out);
  }
  return out;
}
