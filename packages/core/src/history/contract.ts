import * as z from 'zod';
import { Cursor, Id, limit, Name, Timestamp } from '../contract.ts';

export const HISTORY_EVENTS = ['checkpoint', 'complete', 'fail'] as const;
export const HistoryEvent = z.enum(HISTORY_EVENTS);
export type HistoryEvent = z.infer<typeof HistoryEvent>;

/** One accepted report of an interval of work. */
export const WorkerHistory = z
  .object({
    id: z.string(),
    worker_id: z.string().describe('The worker that held the lease when the report was accepted.'),
    worker_type: z
      .string()
      .describe(
        "From the worker's registration; `worker_type` in the job's payload or labels when it is not registered any more; else `unknown`.",
      ),
    job_id: z.string(),
    event: HistoryEvent.describe('What was reported: a checkpoint, the completion or a failure.'),
    keys_scanned: z.int().nullable().describe('Keys processed in the reported interval; null when not reported.'),
    duration_ms: z.int().nullable().describe('Milliseconds the reported interval took, by the worker; null when not reported.'),
    keys_per_second: z
      .number()
      .nullable()
      .describe('Keys per second of the interval: keys_scanned / (duration_ms / 1000). Null when duration_ms is 0 or either is missing.'),
    started_at: z.string().nullable().describe("Start of the interval as reported, by the worker's clock; null when not reported."),
    is_clock_suspect: z
      .boolean()
      .describe('`started_at` and `duration_ms` end more than a minute after `finished_at`, or more than a day before it.'),
    finished_at: z.string().describe("When the report was accepted, by the database's clock."),
  })
  .meta({ id: 'WorkerHistory' });
export type WorkerHistory = z.infer<typeof WorkerHistory>;

const HistoryFilters = {
  job_id: Id.optional(),
  worker_type: Name.optional(),
  event: HistoryEvent.optional(),
  from: Timestamp.optional().describe('Accepted at this time or later.'),
  to: Timestamp.optional().describe('Accepted before this time.'),
};
const Page = { limit: limit(50, 500), cursor: Cursor.optional() };

export const ListHistoryInput = z.strictObject({ worker_id: Id.optional(), ...HistoryFilters, ...Page });
export type ListHistoryInput = z.infer<typeof ListHistoryInput>;
export const ListWorkerHistoryInput = z.strictObject({ worker_id: Id, ...HistoryFilters, ...Page });
export type ListWorkerHistoryInput = z.infer<typeof ListWorkerHistoryInput>;
export const ListHistoryOutput = z.object({ items: z.array(WorkerHistory), next_cursor: z.string().nullable() });
export type ListHistoryOutput = z.infer<typeof ListHistoryOutput>;

export const ExportHistoryInput = z.strictObject({ worker_id: Id.optional(), ...HistoryFilters });
export type ExportHistoryInput = z.infer<typeof ExportHistoryInput>;

export const BUCKETS = ['second', 'minute', 'hour', 'day'] as const;
export const Bucket = z.enum(BUCKETS);
export type Bucket = z.infer<typeof Bucket>;
export const MAX_BUCKETS = 600;
export const DEFAULT_BUCKETS = 60;

export const ThroughputInput = z.strictObject({
  worker_id: Id.optional(),
  worker_type: Name.optional(),
  job_id: Id.optional(),
  bucket: Bucket.default('minute').describe('Length of a bucket; buckets begin at whole UTC seconds, minutes, hours or days.'),
  from: Timestamp.optional().describe(`Start, rounded down to a bucket; default ${DEFAULT_BUCKETS} buckets before \`to\`.`),
  to: Timestamp.optional().describe('End (exclusive), rounded up to a bucket; default now.'),
});
export type ThroughputInput = z.infer<typeof ThroughputInput>;

export const ThroughputPoint = z.object({
  at: z.string().describe('Start of the bucket.'),
  keys_scanned: z
    .number()
    .nullable()
    .describe('Sum of keys of the intervals that ended in the bucket; null when there was none (a gap, not a zero).'),
  keys_per_second: z
    .number()
    .nullable()
    .describe('Keys per second of the bucket: keys_scanned / length of the bucket in seconds. For a fleet this adds its workers up.'),
  mean_keys_per_second: z
    .number()
    .nullable()
    .describe(
      'Mean keys per second while working: sum of keys_scanned / (sum of duration_ms / 1000), over intervals with a positive duration.',
    ),
  max_keys_per_second: z.number().nullable().describe('Largest keys_per_second of one interval.'),
  sample_count: z.int().describe('Intervals with keys_scanned that ended in the bucket.'),
});
export type ThroughputPoint = z.infer<typeof ThroughputPoint>;

export const WorkerRate = z.object({
  worker_id: z.string(),
  name: z.string(),
  worker_type: z.string(),
  keys_per_second: z.number().describe('Mean keys per second while working, over the last five minutes.'),
  type_median_keys_per_second: z.number().describe('Median of that figure over the workers of the same type.'),
  is_slow: z.boolean().describe('keys_per_second < type_median_keys_per_second / 2, with at least two workers of the type to compare.'),
});
export type WorkerRate = z.infer<typeof WorkerRate>;

export const Estimate = z.object({
  done: z.number().describe('As last reported: progress.done, or keys_scanned so far.'),
  total: z.number().describe('progress.total, or `total` in the payload.'),
  remaining: z.number().describe('total − done, never negative.'),
  keys_per_second: z
    .number()
    .nullable()
    .describe('Mean keys per second of the intervals of the last ten minutes; null when there was none.'),
  eta_seconds: z
    .number()
    .nullable()
    .describe(
      'Seconds left: remaining / keys_per_second, where remaining is scaled by keys_scanned / done when progress counts something else than keys.',
    ),
  eta_at: z.string().nullable().describe('Now + eta_seconds.'),
});
export type Estimate = z.infer<typeof Estimate>;

export const ThroughputOutput = z
  .object({
    scope: z.enum(['fleet', 'worker_type', 'worker', 'job']),
    bucket: Bucket,
    from: z.string(),
    to: z.string(),
    points: z.array(ThroughputPoint).describe(`One per bucket, oldest first, at most ${MAX_BUCKETS}; the last one may still grow.`),
    workers: z.array(WorkerRate).describe('Recent rate of each worker in scope; empty for a job.'),
    estimate: Estimate.nullable().describe('For a running job that states its total; else null.'),
  })
  .meta({ id: 'Throughput' });
export type ThroughputOutput = z.infer<typeof ThroughputOutput>;
