import { invalid } from '../errors.ts';
import { DEFAULT_BUCKETS, MAX_BUCKETS, type Bucket } from './contract.ts';

export const BUCKET_MS = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const satisfies Record<Bucket, number>;

export interface BucketRange {
  readonly bucket: Bucket;
  /** Epoch milliseconds; both at the edge of a bucket. */
  readonly from: number;
  readonly to: number;
}

/**
 * The whole buckets that cover what was asked, in UTC.
 * @throws {AppError} VALIDATION naming `from` when there would be none or more than 600.
 */
export function bucketRange(asked: { bucket: Bucket; from?: string | undefined; to?: string | undefined }, nowMs: number): BucketRange {
  const size = BUCKET_MS[asked.bucket];
  const to = Math.ceil((asked.to === undefined ? nowMs + 1 : Date.parse(asked.to)) / size) * size;
  const from = asked.from === undefined ? to - DEFAULT_BUCKETS * size : Math.floor(Date.parse(asked.from) / size) * size;
  if (from >= to) throw invalid('from', 'must lie before to');
  const count = (to - from) / size;
  if (count > MAX_BUCKETS)
    throw invalid(
      'from',
      `asks for ${count} buckets of one ${asked.bucket}; at most ${MAX_BUCKETS}: ask for a shorter time or longer buckets`,
    );
  return { bucket: asked.bucket, from, to };
}

/** The start of each bucket, oldest first. */
export function bucketStarts(range: BucketRange): string[] {
  const size = BUCKET_MS[range.bucket];
  return Array.from({ length: (range.to - range.from) / size }, (_, index) => new Date(range.from + index * size).toISOString());
}
