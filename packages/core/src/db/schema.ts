import type { Generated, JSONColumnType } from 'kysely';
import type { AccessTables } from './access-tables.ts';
import type { MonitorTables } from './monitor-tables.ts';
import type { PublishingTables } from './publishing-tables.ts';
import type { SecretTables } from './secret-tables.ts';

/** One row per distinct (queue, kind, isolation, required labels): the unit of claiming and counting. */
export interface LaneTable {
  id: Generated<number>;
  queue: string;
  kind: string;
  isolation: string;
  required_labels: JSONColumnType<Record<string, string>>;
  required_key: string;
}

export interface WorkloadTable {
  id: string;
  lane_id: number;
  priority: Generated<number>;
  claim_order: number;
  status: string;
  status_reason: string | null;
  payload: string;
  labels: JSONColumnType<Record<string, string>> | null;
  concurrency_key: string | null;
  output: string | null;
  /** The request that completed it, when its lease had no row. */
  closed_request_id: string | null;
  output_truncated: Generated<boolean>;
  /** Whether the lease of this epoch has, or had, a row of its own. */
  has_lease: Generated<boolean>;
  exit_code: number | null;
  signal: string | null;
  error: string | null;
  duration_ms: number | null;
  attempt: Generated<number>;
  max_attempts: number;
  lease_losses: Generated<number>;
  max_lease_losses: number;
  lease_epoch: Generated<number>;
  worker_id: string | null;
  progress: string | null;
  checkpoint: string | null;
  keys_scanned: number | null;
  run_at: string | null;
  wake_at: string | null;
  start_deadline_at: string | null;
  deadline_at: string | null;
  timeout_ms: number | null;
  backoff_ms: Generated<number>;
  idempotency_key: string | null;
  request_hash: string | null;
  cancel_requested_at: string | null;
  created_at: Generated<string>;
  started_at: string | null;
  finished_at: string | null;
  position: Generated<number>;
}

export interface AttemptTable {
  workload_id: string;
  lease_epoch: number;
  attempt: number;
  worker_id: string | null;
  outcome: string;
  next_status: string;
  next_reason: string | null;
  exit_code: number | null;
  signal: string | null;
  error: string | null;
  keys_scanned: number | null;
  request_id: string | null;
  started_at: string;
  finished_at: string;
  duration_ms: number;
  started_position: number;
  finished_position: number;
}

/** What one claim leased; the sweep turns it into leases. */
export interface LeaseGrantTable {
  id: Generated<number>;
  granted_at: Generated<string>;
  lanes: number[];
  workload_ids: string[];
  epochs: number[];
}

/** The view of every open lease, with or without a row. */
export interface OpenLeaseView {
  workload_id: string;
  lease_epoch: number;
  lane_id: number;
  worker_id: string;
  attempt: number;
  granted_at: string;
  concurrency_key: string | null;
}

export interface LeaseTable {
  workload_id: string;
  lease_epoch: number;
  lane_id: number;
  worker_id: string;
  attempt: number;
  granted_at: string;
  expires_at: string;
  deadline_at: string | null;
  cancel_requested_at: string | null;
  cancel_deadline_at: string | null;
  is_executing: Generated<boolean>;
  checkpoint: string | null;
  progress: string | null;
  keys_scanned: number | null;
  last_request_id: string | null;
  progressed_at: string | null;
  started_position: number;
  position: number;
  output_seq: Generated<number>;
  output_bytes: Generated<number>;
  concurrency_key: string | null;
}

export interface CounterTable {
  slot: number;
  lane_id: number;
  pending: Generated<number>;
  running: Generated<number>;
  completed: Generated<number>;
  failed: Generated<number>;
  cancelled: Generated<number>;
  duration_ms_sum: Generated<number>;
  duration_count: Generated<number>;
}

export interface StreamTable {
  name: string;
  position: Generated<number>;
  floor: Generated<number>;
}

/** `items` is a JSON array of `item_count` events; `position` is that of the last one. */
export interface EventTable {
  stream: string;
  position: number;
  item_count: number;
  items: string;
  created_at: Generated<string>;
}

export interface WorkerTable {
  id: string;
  name: string;
  worker_type: string;
  version: string;
  host: string | null;
  isolations: string[];
  kinds: string[];
  queues: string[];
  slots: number;
  labels: JSONColumnType<Record<string, string>>;
  draining: Generated<boolean>;
  drain_requested: Generated<boolean>;
  quarantined: Generated<boolean>;
  clock_skew_ms: number | null;
  key_family: string | null;
  session: Generated<number>;
  registered_at: Generated<string>;
  last_heartbeat_at: Generated<string>;
  stopped_at: string | null;
}

export interface QueueTable {
  name: string;
  is_paused: Generated<boolean>;
  concurrency: number | null;
  key_concurrency: number | null;
  rate_per_minute: number | null;
  rate_burst: number | null;
  tokens: Generated<number>;
  refilled_at: Generated<string>;
  updated_at: Generated<string>;
}

export interface SettingTable {
  key: string;
  value: JSONColumnType<Record<string, unknown>>;
  updated_at: Generated<string>;
}

export interface ProjectionTable {
  name: string;
  /** The stream it follows. */
  stream: Generated<string>;
  position: Generated<number>;
}

export interface StatBucketTable {
  bucket_size: string;
  bucket_start: string;
  lane_id: number;
  created: number;
  started: number;
  completed: number;
  failed: number;
  cancelled: number;
}

export interface StatHistogramTable {
  bucket_size: string;
  bucket_start: string;
  lane_id: number;
  metric: number;
  class: number;
  count: number;
}

export interface StatCreatedTable {
  created_minute: string;
  lane_id: number;
  pending: number;
  running: number;
  completed: number;
  failed: number;
  cancelled: number;
  duration_ms_sum: number;
  duration_count: number;
}

export interface OperationTable {
  id: string;
  action: string;
  filter: JSONColumnType<Record<string, unknown>>;
  status: string;
  total: number;
  succeeded: Generated<number>;
  refused: Generated<number>;
  next_id: string;
  created_at: Generated<string>;
  finished_at: string | null;
}

/** The result for one item; `code` is null when it was done. */
export interface OperationItemTable {
  operation_id: string;
  workload_id: string;
  code: string | null;
  message: string | null;
}

export interface WorkerHistoryTable {
  id: string;
  worker_id: string;
  worker_type: string;
  job_id: string;
  event: 'checkpoint' | 'complete' | 'fail';
  keys_scanned: number | null;
  duration_ms: number | null;
  started_at: string | null;
  finished_at: string;
  pack_id: string;
  pack_first_at: string;
  pack_last_at: string;
}

/** Sums of the history per scope, key and bucket; `key` is empty for the fleet. */
export interface ThroughputBucketTable {
  scope: 'fleet' | 'worker_type' | 'worker' | 'job';
  key: string;
  grain: 'minute' | 'hour' | 'day';
  bucket_at: string;
  keys_scanned: number;
  rated_keys: number;
  busy_ms: number;
  max_keys_per_second: number | null;
  sample_count: number;
}

export interface WorkerSessionTable {
  worker_id: string;
  session: number;
  worker_type: string;
  version: string;
  host: string | null;
  labels: JSONColumnType<Record<string, string>>;
  slots: number;
  started_at: Generated<string>;
  ended_at: string | null;
  end_reason: 'stopped' | 'lost' | 'replaced' | 'forgotten' | null;
  lost_jobs: Generated<string[]>;
}

/** `schema` is JSON Schema as text. */
export interface KindSchemaTable {
  kind: string;
  schema: string;
  worker_id: string;
  updated_at: Generated<string>;
}

export interface WorkerFlagTable {
  worker_id: string;
  is_lost: Generated<boolean>;
  is_slow: Generated<boolean>;
  stuck_jobs: Generated<string[]>;
  updated_at: Generated<string>;
}

export interface FailureGroupTable {
  id: string;
  domain: 'workload' | 'monitor' | 'publication';
  subject: string;
  message: string;
  sample: string;
  count: number;
  first_at: string;
  last_at: string;
  last_ref: string;
  status: Generated<'open' | 'resolved' | 'ignored'>;
  status_at: string | null;
  returned_count: Generated<number>;
}

/** Failures of a group in an hour. */
export interface FailureBucketTable {
  group_id: string;
  bucket_at: string;
  count: number;
}

export interface Database extends AccessTables, MonitorTables, PublishingTables, SecretTables {
  lane: LaneTable;
  workload: WorkloadTable;
  attempt: AttemptTable;
  lease: LeaseTable;
  lease_grant: LeaseGrantTable;
  open_lease: OpenLeaseView;
  tried: AttemptTable;
  kind_schema: KindSchemaTable;
  counter: CounterTable;
  stream: StreamTable;
  event: EventTable;
  worker: WorkerTable;
  worker_flag: WorkerFlagTable;
  worker_history: WorkerHistoryTable;
  worker_session: WorkerSessionTable;
  throughput_bucket: ThroughputBucketTable;
  queue: QueueTable;
  setting: SettingTable;
  projection: ProjectionTable;
  failure_group: FailureGroupTable;
  failure_bucket: FailureBucketTable;
  stat_bucket: StatBucketTable;
  stat_histogram: StatHistogramTable;
  stat_created: StatCreatedTable;
  operation: OperationTable;
  operation_item: OperationItemTable;
}
