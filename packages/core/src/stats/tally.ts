import { classOf } from './histogram.ts';

const MINUTE_MS = 60_000;
export const BUCKET_SIZES = ['minute', 'hour', 'day'] as const;
export type BucketSize = (typeof BUCKET_SIZES)[number];
export const BUCKET_MS: Readonly<Record<BucketSize, number>> = { minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: 1440 * MINUTE_MS };

const STATUSES = ['pending', 'running', 'completed', 'failed', 'cancelled'] as const;
type Status = (typeof STATUSES)[number];
export const HAPPENINGS = ['created', 'started', 'completed', 'failed', 'cancelled'] as const;
export type Happening = (typeof HAPPENINGS)[number];

/** The fields of a stored transition that statistics read. */
export interface TransitionItem {
  readonly type: string;
  readonly lane?: number;
  readonly from?: string;
  readonly status?: string;
  readonly created_ms?: number;
  readonly duration_ms?: number;
  readonly wait_ms?: number;
}

export interface BucketSums {
  readonly start: number;
  readonly lane: number;
  readonly counts: Record<Happening, number>;
}

export interface ClassCount {
  readonly start: number;
  readonly lane: number;
  readonly metric: 0 | 1;
  readonly class: number;
  count: number;
}

export interface CreatedSums {
  readonly minute: number;
  readonly lane: number;
  readonly deltas: Record<Status, number>;
  duration_ms_sum: number;
  duration_count: number;
}

/** The status a transition left, by its type where the event does not say. */
function leftBy(item: TransitionItem): Status | null {
  if (item.from !== undefined) return item.from as Status;
  if (item.type === 'workload.created') return null;
  return item.type === 'workload.started' ? 'pending' : 'running';
}

const COUNTED: Readonly<Record<string, Happening>> = {
  'workload.created': 'created',
  'workload.started': 'started',
  'workload.completed': 'completed',
  'workload.failed': 'failed',
  'workload.cancelled': 'cancelled',
};

const MOVES = new Set([...Object.keys(COUNTED), 'workload.requeued', 'workload.retried', 'workload.deleted']);

/** Adds up transitions, per minute; coarser buckets are sums of these. */
export class Tally {
  readonly buckets = new Map<string, BucketSums>();
  readonly classes = new Map<string, ClassCount>();
  readonly created = new Map<string, CreatedSums>();
  // Neighbours in the log are mostly of one minute and lane.
  #lastBucket: BucketSums | null = null;
  #lastCreated: CreatedSums | null = null;

  /** `atMs` is when it was logged, by the database's clock. */
  add(item: TransitionItem, atMs: number): void {
    if (item.lane === undefined || !MOVES.has(item.type)) return;
    const start = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
    const happening = COUNTED[item.type];
    if (happening !== undefined) this.#bucket(start, item.lane).counts[happening] += 1;
    if (item.type !== 'workload.created' && item.type !== 'workload.deleted') {
      if (item.duration_ms !== undefined) this.#class(start, item.lane, { metric: 0, ms: item.duration_ms });
      if (item.wait_ms !== undefined) this.#class(start, item.lane, { metric: 1, ms: item.wait_ms });
    }
    if (item.created_ms !== undefined) this.#move(item, item.lane, item.created_ms);
  }

  #move(item: TransitionItem, lane: number, createdMs: number): void {
    const sums = this.#createdSums(Math.floor(createdMs / MINUTE_MS) * MINUTE_MS, lane);
    const left = leftBy(item);
    const isDeleted = item.type === 'workload.deleted';
    if (left !== null) sums.deltas[left] -= 1;
    if (!isDeleted) sums.deltas[item.status as Status] += 1;
    const sign = isDeleted ? -1 : 1;
    const isCompletion = isDeleted ? left === 'completed' : item.status === 'completed';
    if (isCompletion && item.duration_ms !== undefined) {
      sums.duration_ms_sum += sign * item.duration_ms;
      sums.duration_count += sign;
    }
  }

  #createdSums(minute: number, lane: number): CreatedSums {
    const last = this.#lastCreated;
    if (last?.minute === minute && last.lane === lane) return last;
    const key = `${minute}:${lane}`;
    const sums = this.created.get(key) ?? {
      minute,
      lane,
      deltas: { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 },
      duration_ms_sum: 0,
      duration_count: 0,
    };
    this.created.set(key, sums);
    this.#lastCreated = sums;
    return sums;
  }

  #bucket(start: number, lane: number): BucketSums {
    const last = this.#lastBucket;
    if (last?.start === start && last.lane === lane) return last;
    const key = `${start}:${lane}`;
    const known = this.buckets.get(key);
    const bucket = known ?? { start, lane, counts: { created: 0, started: 0, completed: 0, failed: 0, cancelled: 0 } };
    this.buckets.set(key, bucket);
    this.#lastBucket = bucket;
    return bucket;
  }

  #class(start: number, lane: number, sample: { metric: 0 | 1; ms: number }): void {
    const index = classOf(sample.ms);
    const key = `${start}:${lane}:${sample.metric}:${index}`;
    const known = this.classes.get(key);
    if (known === undefined) this.classes.set(key, { start, lane, metric: sample.metric, class: index, count: 1 });
    else known.count += 1;
  }
}
