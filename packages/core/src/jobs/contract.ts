import * as z from 'zod';
import { Counter, DurationMs, Id, json, reportedText, text, Timestamp } from '../contract.ts';
import { Isolation, MAX_ERROR_CHARS, Progress } from '../workloads/contract.ts';

export const MAX_CURSOR_BYTES = 262_144;
export const MAX_REPORT_ITEMS = 500;

const Epoch = Counter;
const Output = z.string().describe('Text; NUL characters are replaced and what is over 512 KiB is cut from the middle, never rejected.');

/** What the reported interval achieved. All of it is about the interval since the previous report, not the whole job. */
const Interval = {
  started_at: Timestamp.optional().describe('Start of the reported interval, by the worker (stored as reported).'),
  duration_ms: DurationMs.optional().describe('Length of the reported interval in milliseconds.'),
  keys_scanned: z.int().min(0).optional().describe('Keys (items) processed in the reported interval.'),
  progress: Progress.optional(),
  request_id: text(128, 1).optional().describe('Makes a repeated report answer like the first one.'),
};

export const CheckpointFields = { lease_epoch: Epoch, ...Interval, cursor: json(MAX_CURSOR_BYTES).optional() };
export const CompleteFields = {
  ...CheckpointFields,
  output: Output.nullish(),
  output_truncated: z.boolean().optional(),
  exit_code: z.int().min(-2_147_483_648).max(2_147_483_647).nullish(),
};
export const FailFields = {
  ...CompleteFields,
  error: reportedText(MAX_ERROR_CHARS, 1),
  retryable: z.boolean(),
  signal: reportedText(32).nullish(),
  reason: z.enum(['error', 'timeout', 'cancelled']).default('error').describe('`cancelled` confirms a cancel.'),
  retry_after_ms: z.int().min(0).max(86_400_000).optional(),
};
export const ReleaseFields = {
  lease_epoch: Epoch,
  ...Interval,
  cursor: json(MAX_CURSOR_BYTES).optional(),
  reason: reportedText(200).optional(),
};
export const OutputFields = {
  lease_epoch: Epoch,
  seq: Counter.describe('Chunk number within the attempt, from 0; a repeated number is a retry, not news.'),
  stream: z.enum(['stdout', 'stderr', 'log']).default('stdout'),
  text: z.string().max(262_144),
};

const JobId = { job_id: Id };
export const CheckpointInput = z.strictObject({ ...JobId, ...CheckpointFields });
export type CheckpointInput = z.infer<typeof CheckpointInput>;
export const CompleteInput = z.strictObject({ ...JobId, ...CompleteFields });
export type CompleteInput = z.infer<typeof CompleteInput>;
export const FailInput = z.strictObject({ ...JobId, ...FailFields });
export type FailInput = z.infer<typeof FailInput>;
export const ReleaseInput = z.strictObject({ ...JobId, ...ReleaseFields });
export type ReleaseInput = z.infer<typeof ReleaseInput>;
export const OutputInput = z.strictObject({ ...JobId, ...OutputFields });
export type OutputInput = z.infer<typeof OutputInput>;
export const StartInput = z.strictObject({ ...JobId, lease_epoch: Epoch });

/** A job in an agent's hands. */
export const ClaimedJob = z
  .object({
    job_id: z.string(),
    kind: z.string(),
    isolation: Isolation,
    payload: z.unknown(),
    attempt: z.int(),
    lease_epoch: z.int(),
    lease_ms: z.int(),
    timeout_ms: z.int().nullable(),
    checkpoint: z.unknown(),
    labels: z.record(z.string(), z.string()),
  })
  .meta({ id: 'ClaimedJob' });
export type ClaimedJob = z.infer<typeof ClaimedJob>;

export const ClaimInput = z.strictObject({
  worker_id: Id,
  max: z.int().min(1).max(500).default(1),
  wait_ms: z.int().min(0).max(60_000).default(0).describe('Long poll: how long to wait for work before answering with none.'),
});
export type ClaimInput = z.infer<typeof ClaimInput>;
export const ClaimOutput = z.object({ jobs: z.array(ClaimedJob) });
export type ClaimOutput = z.infer<typeof ClaimOutput>;

export const ReportItem = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('checkpoint'), ...JobId, ...CheckpointFields }),
  z.strictObject({ op: z.literal('complete'), ...JobId, ...CompleteFields }),
  z.strictObject({ op: z.literal('fail'), ...JobId, ...FailFields }),
  z.strictObject({ op: z.literal('release'), ...JobId, ...ReleaseFields }),
  z.strictObject({ op: z.literal('output'), ...JobId, ...OutputFields }),
]);
export type ReportItem = z.infer<typeof ReportItem>;

export const ReportInput = z.strictObject({
  worker_id: Id,
  items: z.array(ReportItem).max(MAX_REPORT_ITEMS).default([]),
  claim: z.strictObject({ max: z.int().min(1).max(500) }).optional(),
});
export type ReportInput = z.infer<typeof ReportInput>;

export const ReportResult = z.object({
  job_id: z.string(),
  ok: z.boolean(),
  code: z.string().optional(),
  message: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
});
export type ReportResult = z.infer<typeof ReportResult>;
export const ReportOutput = z.object({ results: z.array(ReportResult), jobs: z.array(ClaimedJob) });
export type ReportOutput = z.infer<typeof ReportOutput>;

/** Answer of a single report. */
export const Accepted = z.object({ job_id: z.string(), ok: z.literal(true) });
export type Accepted = z.infer<typeof Accepted>;
