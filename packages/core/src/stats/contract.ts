import * as z from 'zod';
import { Name, Timestamp } from '../contract.ts';
import { Isolation, WorkloadStatus } from '../workloads/contract.ts';

export const StatsInput = z.strictObject({
  from: Timestamp.optional(),
  to: Timestamp.optional(),
  kind: Name.optional(),
  queue: Name.optional(),
});
export type StatsInput = z.infer<typeof StatsInput>;

/** Aggregate execution statistics; every key is always present. */
export const Stats = z
  .object({
    total: z.int(),
    by_status: z.record(WorkloadStatus, z.int()),
    by_isolation: z.record(Isolation, z.int()),
    avg_duration_ms: z.int().describe('Mean over completed workloads with a duration, rounded half up; 0 when there are none.'),
  })
  .meta({ id: 'Stats' });
export type Stats = z.infer<typeof Stats>;

export const SeriesInput = z.strictObject({
  bucket: z.enum(['minute', 'hour', 'day']).default('minute'),
  from: Timestamp.optional().describe('Default: 60 buckets before `to`.'),
  to: Timestamp.optional().describe('Default: now.'),
  kind: Name.optional(),
  queue: Name.optional(),
});
export type SeriesInput = z.infer<typeof SeriesInput>;

export const SeriesPoint = z.object({
  bucket_start: z.string(),
  created: z.int(),
  started: z.int(),
  completed: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  duration_ms: z.object({ count: z.int(), p50: z.number().nullable(), p95: z.number().nullable(), p99: z.number().nullable() }),
  wait_ms: z.object({ count: z.int(), p50: z.number().nullable(), p95: z.number().nullable(), p99: z.number().nullable() }),
});
export type SeriesPoint = z.infer<typeof SeriesPoint>;
export const Series = z.object({ bucket: z.enum(['minute', 'hour', 'day']), points: z.array(SeriesPoint) }).meta({ id: 'Series' });
export type Series = z.infer<typeof Series>;
