import { AppError } from '../../errors.ts';
import type { BucketRange, RunBucket, RunBuckets, RunClass } from '../../ports/history-store.ts';
import type { RedisConnection } from './connection.ts';
import type { MonitorKeys } from './keys.ts';
import { BUCKETS, type RunIndex } from './run-index.ts';

/** More than a chart has points and a year has days. */
const MOST = 20_000;

interface Row {
  readonly test_id: string;
  readonly at: number;
  readonly text: string;
}

function parseBucket(test_id: string, bucket_at: string, text: string): RunBucket {
  const [total = 0, passed = 0, degraded = 0, , sum = 0, min = 0, max = 0] = text.split(' ').map(Number);
  return { test_id, bucket_at, total, passed, degraded, duration_ms_sum: sum, duration_ms_min: min, duration_ms_max: max };
}

function addUp(left: RunBucket, right: RunBucket): RunBucket {
  return {
    ...left,
    total: left.total + right.total,
    passed: left.passed + right.passed,
    degraded: left.degraded + right.degraded,
    duration_ms_sum: left.duration_ms_sum + right.duration_ms_sum,
    duration_ms_min: Math.min(left.duration_ms_min, right.duration_ms_min),
    duration_ms_max: Math.max(left.duration_ms_max, right.duration_ms_max),
  };
}

/** The counts of runs per bucket, from the roll-ups beside them. */
export class RedisRunBuckets implements RunBuckets {
  readonly #redis: RedisConnection;
  readonly #of: { keys(testId: string): Promise<MonitorKeys>; index: RunIndex };

  constructor(redis: RedisConnection, of: { keys(testId: string): Promise<MonitorKeys>; index: RunIndex }) {
    this.#redis = redis;
    this.#of = of;
  }

  async list(testIds: readonly string[], range: BucketRange): Promise<RunBucket[]> {
    const prefix = BUCKETS.find((bucket) => bucket.seconds === range.bucket_seconds)?.counts ?? 'd';
    const merged = new Map<string, RunBucket>();
    for (const { test_id, at, text } of await this.#read(testIds, prefix, range)) {
      const bucket = parseBucket(test_id, startOf(at, range), text);
      const known = merged.get(`${test_id} ${bucket.bucket_at}`);
      merged.set(`${test_id} ${bucket.bucket_at}`, known === undefined ? bucket : addUp(known, bucket));
    }
    return [...merged.values()];
  }

  async listClasses(testIds: readonly string[], range: BucketRange): Promise<RunClass[]> {
    const prefix = BUCKETS.find((bucket) => bucket.seconds === range.bucket_seconds)?.classes ?? null;
    if (prefix === null) return [];
    const merged = new Map<string, RunClass>();
    for (const { test_id, at, text } of await this.#read(testIds, prefix, range)) {
      for (const part of text.split(' ')) {
        const [index = 0, count = 0] = part.split(':').map(Number);
        const bucket_at = startOf(at, range);
        const key = `${test_id} ${bucket_at} ${index}`;
        merged.set(key, { test_id, bucket_at, class: index, count: count + (merged.get(key)?.count ?? 0) });
      }
    }
    return [...merged.values()];
  }

  async #read(testIds: readonly string[], prefix: string, range: BucketRange): Promise<Row[]> {
    const lists = await Promise.all(testIds.map((testId) => this.#readOne(testId, prefix, range)));
    return lists.flat();
  }

  async #readOne(test_id: string, prefix: string, range: BucketRange): Promise<Row[]> {
    const size = range.bucket_seconds * 1000;
    const first = Math.ceil(range.from / size);
    const count = Math.max(0, Math.ceil(range.to / size) - first);
    if (count === 0) return [];
    if (count > MOST) throw new AppError('VALIDATION', 'The range holds too many buckets; ask for longer ones.');
    const keys = await this.#of.keys(test_id);
    await this.#of.index.refresh(keys);
    const starts = Array.from({ length: count }, (_, index) => (first + index) * range.bucket_seconds);
    const texts = await this.#redis.ask((client) => client.hmget(keys.rollup, ...starts.map((start) => prefix + start)));
    return starts.flatMap((start, index) => {
      const text = texts[index] ?? null;
      return text === null ? [] : [{ test_id, at: start * 1000, text }];
    });
  }
}

/** Where a bucket is told: at its own start, or at that of its stretch. */
function startOf(at: number, { from, stretch_ms: stretch }: BucketRange): string {
  return new Date(stretch === undefined ? at : from + Math.floor((at - from) / stretch) * stretch).toISOString();
}
