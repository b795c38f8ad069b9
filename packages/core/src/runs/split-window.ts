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
  /** What no bucket covers: at most two pieces shorter than the shortest bucket. */
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

/**
 * Covers [from, to) (epoch milliseconds) exactly with whole UTC days, hours and 5 minutes, and raw pieces at the edges: about
 * a hundred rows for 30 days of one-minute runs. **Source:** DESIGN §5.
 */
export function splitWindow(window: Span): SplitWindow {
  const out = { buckets: [], raw: [] };
  split(window, BUCKET_SECONDS, out);
  return out;
}
