import type { Generated, JSONColumnType } from 'kysely';

export interface MonitorTable {
  id: string;
  name: string;
  type: 'synthetic' | 'heartbeat';
  url: string | null;
  steps: string;
  interval_seconds: number | null;
  cron: string | null;
  timezone: string;
  grace_seconds: number;
  timeout_ms: number;
  retries: number;
  status: 'active' | 'paused';
  tags: string[];
  is_public: boolean;
  alert: JSONColumnType<Record<string, unknown>>;
  degraded_ms: number | null;
  slo_target_pct: number | null;
  parent_id: string | null;
  ping_key: string | null;
  created_at: Generated<string>;
  updated_at: Generated<string>;
}

/** `recent` is a JSON array of the last counted runs, newest last. */
export interface MonitorStateTable {
  test_id: string;
  next_run_at: string | null;
  last_result: 'passed' | 'failed' | null;
  last_run_at: string | null;
  last_run_id: string | null;
  side: 'up' | 'down' | null;
  recent: Generated<string>;
  run_total: Generated<number>;
  failed_total: Generated<number>;
  counted_from: Generated<string>;
  counted_until: Generated<string>;
  counted_total: Generated<number>;
  counted_failed: Generated<number>;
  counted_degraded: Generated<number>;
  counted_flaky: Generated<number>;
  counted_duration_ms: Generated<number>;
}

export interface OpenRunTable {
  run_id: string;
  test_id: string;
  workload_id: string | null;
  triggered_by: string;
  is_scheduled: boolean;
  event_epoch: Generated<number>;
  event_seq: Generated<number>;
  created_at: Generated<string>;
}

export interface RunTable {
  run_id: string;
  test_id: string;
  workload_id: string | null;
  worker_id: string | null;
  started_at: string;
  completed_at: string;
  duration_ms: number;
  passed: boolean;
  is_degraded: Generated<boolean>;
  is_flaky: Generated<boolean>;
  is_excluded: Generated<boolean>;
  attempts: number;
  triggered_by: string;
  steps_passed: number;
  steps_total: number;
  details: string;
  error: string | null;
  total_before: number | null;
  failed_before: number | null;
  degraded_before: number | null;
  flaky_before: number | null;
  duration_ms_before: number | null;
}

export interface RunDetailTable {
  run_id: string;
  step_results: string;
  artifacts: string | null;
}

export interface RunBucketTable {
  test_id: string;
  bucket_seconds: 300 | 3600 | 86400;
  bucket_at: string;
  total: number;
  passed: number;
  degraded: number;
  flaky: number;
  excluded: number;
  duration_ms_sum: number;
  duration_ms_min: number;
  duration_ms_max: number;
}

export interface RunHistogramTable {
  test_id: string;
  bucket_seconds: 3600 | 86400;
  bucket_at: string;
  class: number;
  count: number;
}

export interface StateSegmentTable {
  test_id: string;
  from_at: string;
  to_at: string | null;
  state: 'up' | 'down' | 'unknown';
}

export interface ExcludedSpanTable {
  id: string;
  test_id: string;
  kind: 'paused' | 'excluded';
  from_at: string;
  to_at: string | null;
  reason: string | null;
  created_by: string | null;
  created_at: Generated<string>;
  revoked_at: string | null;
  revoked_by: string | null;
}

export interface MaintenanceTable {
  id: string;
  name: string;
  test_ids: string[];
  tags: string[];
  starts_at: string;
  ends_at: string | null;
  cron: string | null;
  timezone: string;
  duration_minutes: number | null;
  created_at: Generated<string>;
}

export interface OutageTable {
  id: string;
  test_id: string;
  status: 'open' | 'acknowledged' | 'resolved';
  opened_at: string;
  confirmed_at: string;
  acknowledged_at: string | null;
  acknowledged_by: string | null;
  resolved_at: string | null;
  resolution: 'recovered' | 'manual' | null;
  failed_runs: number;
  first_run_id: string;
  last_run_id: string;
  last_failed_at: string;
  last_passed_at: string | null;
  recovery_run_id: string | null;
  error: string | null;
  reopen_count: Generated<number>;
  muted_until: string | null;
  is_suppressed: Generated<boolean>;
  held_until: string | null;
  resolved_by: string | null;
}

/** `author_id` of a key is that of the first of its line; null for who did not have to sign in. */
export interface OutageNoteTable {
  id: string;
  outage_id: string;
  text: string;
  author_kind: 'user' | 'key' | 'open';
  author_id: string | null;
  author_name: string | null;
  created_at: Generated<string>;
  edited_at: string | null;
}

export interface ChannelTable {
  id: string;
  name: string;
  type: 'webhook' | 'email' | 'slack' | 'discord';
  config: string;
  is_enabled: Generated<boolean>;
  created_at: Generated<string>;
  updated_at: Generated<string>;
}

export interface DeliveryTable {
  id: string;
  channel_id: string;
  outage_id: string | null;
  test_id: string | null;
  alert_id: Generated<string | null>;
  kind: string;
  seq: Generated<number>;
  status: 'queued' | 'sending' | 'delivered' | 'failed';
  data: Generated<string>;
  attempts: Generated<number>;
  next_try_at: string | null;
  leased_until: string | null;
  last_error: string | null;
  created_at: Generated<string>;
  delivered_at: string | null;
}

/** The tables of the monitors, their runs, outages and alerts. */
export interface MonitorTables {
  monitor: MonitorTable;
  monitor_state: MonitorStateTable;
  open_run: OpenRunTable;
  run: RunTable;
  run_detail: RunDetailTable;
  run_bucket: RunBucketTable;
  run_histogram: RunHistogramTable;
  state_segment: StateSegmentTable;
  excluded_span: ExcludedSpanTable;
  maintenance: MaintenanceTable;
  outage: OutageTable;
  outage_note: OutageNoteTable;
  channel: ChannelTable;
  delivery: DeliveryTable;
}
