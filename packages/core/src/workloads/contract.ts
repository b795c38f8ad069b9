import * as z from 'zod';
import { Cursor, DurationMs, Id, json, Labels, limit, Name, reportedText, text, Timestamp, Withheld } from '../contract.ts';
import { FailureStatus } from '../failures/contract.ts';

export const WORKLOAD_STATUSES = ['pending', 'running', 'completed', 'failed', 'cancelled'] as const;
export const WorkloadStatus = z.enum(WORKLOAD_STATUSES);
export type WorkloadStatus = z.infer<typeof WorkloadStatus>;

export const STATUS_REASONS = [
  'queued',
  'scheduled',
  'retry_backoff',
  'released',
  'lease_expired',
  'held',
  'leased',
  'executing',
  'cancelling',
  'external',
  'error',
  'timeout',
  'expired',
  'quarantined',
  'requested',
  'unconfirmed',
] as const;
/** The finer detail of `status`; null on a completed workload. */
export const StatusReason = z.enum(STATUS_REASONS);
export type StatusReason = z.infer<typeof StatusReason>;

export const ISOLATIONS = ['process', 'isolate', 'gvisor', 'microvm'] as const;
/** How strongly the work is kept apart; a workload never runs in a weaker tier than it asked for. */
export const Isolation = z.enum(ISOLATIONS);
export type Isolation = z.infer<typeof Isolation>;

export const ATTEMPT_OUTCOMES = [
  'completed',
  'failed',
  'timeout',
  'released',
  'lease_expired',
  'cancelled',
  'unconfirmed',
  'revoked',
] as const;
export const AttemptOutcome = z.enum(ATTEMPT_OUTCOMES);
export type AttemptOutcome = z.infer<typeof AttemptOutcome>;

export const MAX_OUTPUT_BYTES = 524_288;
export const MAX_PAYLOAD_BYTES = 524_288;
export const MAX_ERROR_CHARS = 16_384;

/** How far the work is, as told by the agent. */
export const Progress = z.strictObject({
  done: z.number().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  total: z.number().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  message: reportedText(1000).optional(),
});
export type Progress = z.infer<typeof Progress>;

/** One try. `outcome` and `finished_at` are null while it runs; `duration_ms` is by the database's clock. */
export const Attempt = z.object({
  attempt: z.int(),
  worker_id: z.string().nullable(),
  lease_epoch: z.int(),
  outcome: AttemptOutcome.nullable(),
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
  error: z.string().nullable(),
  started_at: z.string(),
  finished_at: z.string().nullable(),
  duration_ms: z.int().nullable(),
});
export type Attempt = z.infer<typeof Attempt>;

export const Workload = z
  .object({
    id: z.string(),
    kind: z.string(),
    isolation: Isolation,
    queue: z.string(),
    priority: z.int().describe('Higher first. Each point is worth one minute of waiting, so nothing starves.'),
    payload: z.unknown(),
    labels: z.record(z.string(), z.string()),
    required_labels: z.record(z.string(), z.string()).describe('Only a worker that carries all of these may run it.'),
    concurrency_key: z.string().nullable(),
    status: WorkloadStatus,
    status_reason: StatusReason.nullable(),
    wait_reason: z.string().nullable().describe('While it is not final: in words, why it is where it is.'),
    output: z.string().nullable(),
    output_truncated: z.boolean(),
    exit_code: z.int().nullable(),
    signal: z.string().nullable(),
    error: z.string().nullable(),
    duration_ms: z.int().nullable().describe("Milliseconds from start to end of the last attempt, by the database's clock."),
    attempt: z.int().describe('Attempts charged so far.'),
    max_attempts: z.int(),
    lease_losses: z.int(),
    max_lease_losses: z.int(),
    lease_epoch: z.int().describe('Only grows; the fence of every report.'),
    worker_id: z.string().nullable(),
    progress: Progress.nullable(),
    checkpoint: z.unknown().describe('The last accepted cursor, or null.'),
    keys_scanned: z.int().nullable(),
    run_at: z.string().nullable(),
    start_deadline_at: z.string().nullable(),
    deadline_at: z.string().nullable(),
    timeout_ms: z.int().nullable(),
    idempotency_key: z.string().nullable(),
    cancel_requested_at: z.string().nullable(),
    created_at: z.string(),
    started_at: z.string().nullable(),
    finished_at: z.string().nullable(),
    withheld: Withheld,
  })
  .meta({ id: 'Workload' });
export type Workload = z.infer<typeof Workload>;

export const WorkloadWithAttempts = Workload.extend({
  attempts: z.array(Attempt),
  eta_at: z
    .string()
    .nullable()
    .describe(
      'When it will be done, from what remains of its total and the keys per second of the last ten minutes; null when it is not running or either is unknown.',
    ),
}).meta({ id: 'WorkloadWithAttempts' });
export type WorkloadWithAttempts = z.infer<typeof WorkloadWithAttempts>;

/** A list entry leaves out what can be large: payload, output, checkpoint. */
export const WorkloadSummary = Workload.omit({ payload: true, output: true, checkpoint: true, wait_reason: true, withheld: true }).meta({
  id: 'WorkloadSummary',
});
export type WorkloadSummary = z.infer<typeof WorkloadSummary>;

export const CreateWorkloadInput = z.strictObject({
  kind: Name,
  isolation: Isolation.optional().describe('Default: `isolate` for kind `script`, else `process`.'),
  payload: json(MAX_PAYLOAD_BYTES).default({}),
  queue: Name.default('default'),
  priority: z.int().min(-1000).max(1000).default(0),
  labels: Labels.default({}),
  required_labels: Labels.default({}),
  concurrency_key: text(255, 1).optional(),
  max_attempts: z.int().min(1).max(1000).default(1),
  max_lease_losses: z.int().min(1).max(1000).default(3),
  timeout_ms: z.int().min(1).max(31_622_400_000).default(3_600_000).describe('Execution limit of one attempt, in milliseconds.'),
  run_at: Timestamp.optional(),
  start_deadline_at: Timestamp.optional().describe('Fails as `expired` when it has not started by then.'),
  deadline_at: Timestamp.optional().describe('Fails as `timeout` when it is not finished by then, whatever attempts are left.'),
  backoff_ms: z.int().min(0).max(86_400_000).default(1000).describe('Delay before the first retry; doubles up to one hour, with jitter.'),
  idempotency_key: text(255, 1).optional(),
});
export type CreateWorkloadInput = z.infer<typeof CreateWorkloadInput>;

export const CreateManyWorkloadsInput = z.strictObject({ items: z.array(CreateWorkloadInput).min(1).max(1000) });
export const CreateManyWorkloadsOutput = z.object({ items: z.array(Workload) });

const Filters = {
  status: z.union([WorkloadStatus, z.array(WorkloadStatus).max(5)]).optional(),
  isolation: Isolation.optional(),
  kind: Name.optional(),
  queue: Name.optional(),
  worker_id: Id.optional(),
  label: text(320, 1).optional().describe('`name` or `name=value`.'),
  operation_id: Id.optional().describe('Only what this bulk action was carried out on.'),
  created_from: Timestamp.optional(),
  created_to: Timestamp.optional(),
  q: text(200, 1).optional().describe('Part of the id, or of the error text.'),
  cause: text(300, 1)
    .optional()
    .describe('Only failed ones of this cause: the `message` of `GET /v1/workloads/causes` or of a group of failures.'),
};
export const WorkloadFilter = z.strictObject(Filters);
export type WorkloadFilter = z.infer<typeof WorkloadFilter>;

export const ListWorkloadsInput = z.strictObject({ ...Filters, limit: limit(50, 200), cursor: Cursor.optional() });
export type ListWorkloadsInput = z.infer<typeof ListWorkloadsInput>;
export const ListWorkloadsOutput = z.object({ items: z.array(WorkloadSummary), next_cursor: z.string().nullable() });
export type ListWorkloadsOutput = z.infer<typeof ListWorkloadsOutput>;

/** What failed workloads of one kind have in common once numbers, ids, addresses and paths are left out. */
export const FailureCause = z
  .object({
    id: z.string().describe('Of its group in `GET /v1/failures`.'),
    kind: z.string(),
    message: z.string().describe('With `kind` the filter `cause` of `GET /v1/workloads`: it lists what is counted here.'),
    sample: z.string().describe('What the latest said, in one line.'),
    count: z.int().min(1),
    last_ref: z.string().describe('Id of the latest workload.'),
    last_at: z.string().describe('When the latest failed.'),
    status: FailureStatus.describe('Of its group: what was resolved or is ignored needs nobody.'),
  })
  .meta({ id: 'FailureCause' });
export type FailureCause = z.infer<typeof FailureCause>;

export const ListCausesInput = z.strictObject({
  created_from: Timestamp.optional(),
  created_to: Timestamp.optional(),
  limit: limit(50, 200),
});
export type ListCausesInput = z.infer<typeof ListCausesInput>;
export const ListCausesOutput = z.object({
  items: z.array(FailureCause),
  total: z.int().describe('Causes there are, also beyond `limit`.'),
  open: z.int().describe('Those of them that are neither resolved nor ignored.'),
  failed: z.int().describe('Workloads that were counted.'),
  is_whole: z.boolean().describe('False: more have failed, and only the newest 1,000 were counted.'),
});
export type ListCausesOutput = z.infer<typeof ListCausesOutput>;

export const GetWorkloadInput = z.strictObject({ id: Id });

export const UpdateWorkloadInput = z.strictObject({
  id: Id,
  status: WorkloadStatus.optional(),
  output: z
    .string()
    .regex(/^[^\0]*$/, 'must not contain NUL characters')
    .nullable()
    .optional(),
  exit_code: z.int().min(-2_147_483_648).max(2_147_483_647).nullable().optional(),
  error: reportedText(MAX_ERROR_CHARS).nullable().optional(),
  duration_ms: DurationMs.nullable().optional(),
  started_at: Timestamp.nullable().optional(),
  finished_at: Timestamp.nullable().optional(),
});
export type UpdateWorkloadInput = z.infer<typeof UpdateWorkloadInput>;

export const CancelWorkloadInput = z.strictObject({ id: Id });
export const RetryWorkloadInput = z.strictObject({
  id: Id,
  keep_checkpoint: z.boolean().default(true).describe('Go on from the last accepted cursor (true) or start over (false).'),
});

export const WatchWorkloadInput = z.strictObject({ id: Id, lastEventId: z.string().max(128).nullish() });
