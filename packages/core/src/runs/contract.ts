import * as z from 'zod';
import { Cursor, Id, limit, text, Timestamp, Withheld } from '../contract.ts';
import { StepEventType } from '../steps/contract.ts';

/** One finished run of a monitor. */
export const Run = z
  .object({
    run_id: z.string(),
    passed: z.boolean(),
    duration_ms: z.int(),
    steps_passed: z.int(),
    steps_total: z.int(),
    details: z.string(),
    step_results: z.array(z.unknown()).describe('Empty when the details were pruned, or the run ended without a result.'),
    error: z.string().nullable(),
    triggered_by: z
      .string()
      .describe(
        '`schedule`, `manual`, `ping`, `dependency` (a look for the sake of another monitor), or what an earlier deployment wrote.',
      ),
    started_at: z.string(),
    completed_at: z.string(),
    attempts: z.int().optional().describe('Tries inside the run.'),
    is_flaky: z.boolean().optional().describe('Passed, but not at the first try.'),
    is_degraded: z.boolean().optional(),
    is_excluded: z.boolean().optional().describe('Taken out of the figures by a person.'),
    workload_id: z.string().nullable().optional(),
    worker_id: z.string().nullable().optional(),
    artifacts: z.array(z.unknown()).optional(),
    withheld: Withheld,
  })
  .meta({ id: 'Run' });
export type Run = z.infer<typeof Run>;

const Test = { test_id: Id };
export const ListResultsInput = z.strictObject({
  ...Test,
  limit: limit(20, 100),
  offset: z.int().min(0).max(1_000_000_000).default(0),
  cursor: Cursor.optional().describe('Goes on after an earlier page, in place of `offset`.'),
  passed: z.boolean().optional(),
});
export type ListResultsInput = z.infer<typeof ListResultsInput>;
export const ListResultsOutput = z.object({
  test_id: z.string(),
  results: z.array(Run),
  total: z.int(),
  limit: z.int(),
  offset: z.int(),
  next_cursor: z.string().nullable(),
});
export type ListResultsOutput = z.infer<typeof ListResultsOutput>;

export const ExportResultsInput = z.strictObject({
  ...Test,
  passed: z.boolean().optional(),
  from: Timestamp.optional().describe('Started at this time or later.'),
  to: Timestamp.optional().describe('Started before this time.'),
});
export type ExportResultsInput = z.infer<typeof ExportResultsInput>;

export const TimingPoint = z.object({ timestamp: z.string(), duration_ms: z.int(), run_id: z.string().nullable() });
export type TimingPoint = z.infer<typeof TimingPoint>;
export const ListTimingInput = z.strictObject({
  ...Test,
  limit: limit(50, 200),
  offset: z.int().min(0).max(1_000_000_000).default(0),
  cursor: Cursor.optional(),
});
export type ListTimingInput = z.infer<typeof ListTimingInput>;
export const ListTimingOutput = z.object({
  test_id: z.string(),
  timing: z.array(TimingPoint),
  total: z.int(),
  next_cursor: z.string().nullable(),
});
export type ListTimingOutput = z.infer<typeof ListTimingOutput>;

/** One failed run. */
export const Incident = z.object({
  run_id: z.string(),
  test_id: z.string(),
  error: z.string().nullable(),
  details: z.string(),
  started_at: z.string(),
  alert_sent: z.boolean().describe('A notice of its outage reached a channel.'),
  withheld: Withheld,
});
export type Incident = z.infer<typeof Incident>;
export const ListIncidentsInput = z.strictObject({
  ...Test,
  limit: limit(10, 50),
  offset: z.int().min(0).max(1_000_000_000).default(0),
  cursor: Cursor.optional(),
});
export type ListIncidentsInput = z.infer<typeof ListIncidentsInput>;
export const ListIncidentsOutput = z.object({
  test_id: z.string(),
  incidents: z.array(Incident),
  total: z.int(),
  next_cursor: z.string().nullable(),
});
export type ListIncidentsOutput = z.infer<typeof ListIncidentsOutput>;

export const GetRunInput = z.strictObject({ ...Test, run_id: Id });
export type GetRunInput = z.infer<typeof GetRunInput>;

/** One event of a run as the live view gets it. */
export const LiveEvent = z
  .object({
    id: z.string(),
    type: z.union([StepEventType, z.literal('gap')]),
    message: z.string(),
    step_number: z.number().optional(),
    passed: z.boolean().optional(),
    run_id: z.string().optional(),
    timestamp: z.string(),
    data: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'LiveEvent' });
export type LiveEvent = z.infer<typeof LiveEvent>;
export const WatchMonitorInput = z.strictObject({ ...Test, lastEventId: z.string().max(128).nullish() });
export type WatchMonitorInput = z.infer<typeof WatchMonitorInput>;

/** A stretch of time that does not count, with who took it out and why. */
export const ExcludedSpan = z
  .object({
    id: z.string(),
    test_id: z.string(),
    from: z.string(),
    to: z.string(),
    reason: z.string(),
    created_by: z.string().nullable(),
    created_at: z.string(),
    revoked_at: z.string().nullable(),
    revoked_by: z.string().nullable(),
  })
  .meta({ id: 'ExcludedSpan' });
export type ExcludedSpan = z.infer<typeof ExcludedSpan>;
export const ExcludeSpanInput = z.strictObject({ ...Test, from: Timestamp, to: Timestamp, reason: text(500, 1) });
export type ExcludeSpanInput = z.infer<typeof ExcludeSpanInput>;
export const RevokeSpanInput = z.strictObject({ ...Test, id: Id });
export type RevokeSpanInput = z.infer<typeof RevokeSpanInput>;
export const ListSpansInput = z.strictObject({ ...Test });
export const ListSpansOutput = z.object({ items: z.array(ExcludedSpan) });
export type ListSpansOutput = z.infer<typeof ListSpansOutput>;
