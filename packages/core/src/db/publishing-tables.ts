import type { Generated, JSONColumnType } from 'kysely';
import type { PlatformKey } from '../platforms/contract.ts';

export interface VideoTable {
  id: string;
  title: string;
  source_url: string | null;
  duration_ms: number | null;
  created_at: Generated<string>;
  updated_at: Generated<string>;
}

export interface ClipTable {
  id: string;
  video_id: string;
  title: string;
  visual_score: number | null;
  start_ms: number | null;
  end_ms: number | null;
  created_at: Generated<string>;
  updated_at: Generated<string>;
}

export interface CampaignTable {
  id: string;
  name: string;
  status: 'draft' | 'active' | 'paused' | 'completed';
  clip_ids: string[];
  budget: number | null;
  spend: number;
  starts_at: string | null;
  ends_at: string | null;
  created_at: Generated<string>;
  updated_at: Generated<string>;
}

export interface PlatformTable {
  key: PlatformKey;
  connector: 'webhook';
  url: string;
  secret: string;
  previous_secret: string | null;
  previous_secret_until: string | null;
  timeout_ms: number;
  rate_per_minute: number | null;
  concurrency: number | null;
  account_concurrency: number | null;
  max_attempts: number;
  missed_after_seconds: number;
  result_timeout_seconds: number;
  honours_idempotency_key: boolean;
  is_paused: boolean;
  updated_at: Generated<string>;
}

export interface SocialAccountTable {
  platform_key: PlatformKey;
  id: string;
  name: string | null;
  status: Generated<'active' | 'paused'>;
  pause_reason: string | null;
  not_before: string | null;
  processing_count: Generated<number>;
  created_at: Generated<string>;
  updated_at: Generated<string>;
}

/** `platform` is the name as given, `platform_key` the one of the four it counts under. */
export interface PublicationTable {
  id: string;
  clip_id: string;
  platform: string;
  platform_key: PlatformKey;
  social_account_id: string;
  campaign_id: string | null;
  status: 'pending' | 'scheduled' | 'processing' | 'success' | 'failed' | 'cancelled';
  sub_status: string | null;
  requested_at: string;
  scheduled_for: string | null;
  due_at: string;
  next_try_at: string | null;
  published_at: string | null;
  external_id: string | null;
  error: string | null;
  attempt: number;
  transient_failures: number;
  awaiting_since: string | null;
  idempotency_key: string | null;
  request_hash: string | null;
  created_at: Generated<string>;
  updated_at: Generated<string>;
}

export interface PublicationAttemptTable {
  publication_id: string;
  attempt: number;
  workload_id: string | null;
  sent_at: string | null;
  outcome: string | null;
  http_status: number | null;
  error: string | null;
  started_at: Generated<string>;
  finished_at: string | null;
}

export interface VideoJobTable {
  workload_id: string;
  video_id: string;
  clip_id: string | null;
  platform: string | null;
  platform_key: PlatformKey | 'none';
  status: string | null;
  created_at: string;
}

export interface PlatformClipTable {
  clip_id: string;
  platform_key: PlatformKey;
  log_count: number;
  ready_count: number;
  success_count: number;
  score: number | null;
}

export interface PublishingCounterTable {
  slot: number;
  platform_key: PlatformKey | 'none';
  pending: Generated<number>;
  scheduled: Generated<number>;
  processing: Generated<number>;
  success: Generated<number>;
  failed: Generated<number>;
  cancelled: Generated<number>;
  unconfirmed: Generated<number>;
  duration_ms_sum: Generated<number>;
  duration_count: Generated<number>;
  clock_skew: Generated<number>;
  clips_ready: Generated<number>;
  clips_published: Generated<number>;
  clips_scored: Generated<number>;
  score_sum: Generated<number>;
  jobs_pending: Generated<number>;
  jobs_running: Generated<number>;
  jobs_completed: Generated<number>;
  jobs_failed: Generated<number>;
  jobs_cancelled: Generated<number>;
}

export interface PublishingTotalTable {
  slot: number;
  videos: Generated<number>;
  clips: Generated<number>;
  draft: Generated<number>;
  active: Generated<number>;
  paused: Generated<number>;
  completed: Generated<number>;
  budget_spent: Generated<number>;
}

export interface PublicationBucketTable {
  grain: 'minute' | 'hour' | 'day';
  bucket_at: string;
  platform_key: PlatformKey;
  slot: number;
  created: Generated<number>;
  succeeded: Generated<number>;
  failed: Generated<number>;
  duration_ms_sum: Generated<number>;
  duration_count: Generated<number>;
}

export interface PublishingWindowTable {
  bucket_seconds: 300 | 3600 | 86400;
  bucket_at: string;
  platform_key: PlatformKey | 'none';
  pending: Generated<number>;
  scheduled: Generated<number>;
  processing: Generated<number>;
  success: Generated<number>;
  failed: Generated<number>;
  cancelled: Generated<number>;
  unconfirmed: Generated<number>;
  duration_ms_sum: Generated<number>;
  duration_count: Generated<number>;
  clock_skew: Generated<number>;
}

export interface PublishingThresholdTable {
  id: string;
  name: string;
  metric: string;
  platform_key: PlatformKey | null;
  is_upper: boolean;
  warn: number | null;
  crit: number | null;
  recover: number | null;
  for_seconds: number;
  recover_seconds: number;
  channel_ids: string[];
  is_enabled: boolean;
  breach_level: 'warn' | 'crit' | null;
  breach_since: string | null;
  crit_since: string | null;
  good_since: string | null;
  last_value: number | null;
  checked_at: string | null;
  created_at: Generated<string>;
  updated_at: Generated<string>;
}

export interface PublishingAlertTable {
  id: string;
  threshold_id: string;
  level: 'warn' | 'crit';
  opened_at: string;
  escalated_at: string | null;
  resolved_at: string | null;
  first_value: number;
  worst_value: number;
  last_value: number | null;
}

export interface PublishingDashboardTable {
  id: string;
  owner: string;
  name: string;
  is_shared: boolean;
  items: JSONColumnType<unknown[]>;
  created_at: Generated<string>;
  updated_at: Generated<string>;
}

/** The tables of publishing. */
export interface PublishingTables {
  video: VideoTable;
  clip: ClipTable;
  campaign: CampaignTable;
  platform: PlatformTable;
  social_account: SocialAccountTable;
  publication: PublicationTable;
  publication_attempt: PublicationAttemptTable;
  video_job: VideoJobTable;
  platform_clip: PlatformClipTable;
  publishing_counter: PublishingCounterTable;
  publishing_total: PublishingTotalTable;
  publication_bucket: PublicationBucketTable;
  publishing_window: PublishingWindowTable;
  publishing_threshold: PublishingThresholdTable;
  publishing_alert: PublishingAlertTable;
  publishing_dashboard: PublishingDashboardTable;
}
