import * as z from 'zod';
import { Timestamp } from '../contract.ts';
import { PlatformKey } from '../platforms/contract.ts';

/** Without filters the figures are of everything. `from` and `to` choose records by when they were requested (publications) or created. */
export const PublishingStatsInput = z.strictObject({
  from: Timestamp.optional(),
  to: Timestamp.optional(),
  platform: PlatformKey.optional(),
});
export type PublishingStatsInput = z.infer<typeof PublishingStatsInput>;

export const OverviewStats = z
  .object({
    total_videos: z.int(),
    total_clips: z.int(),
    total_jobs: z.int(),
    total_campaigns: z.int(),
    pending_jobs: z.int(),
    processing_jobs: z.int(),
    failed_jobs: z.int(),
    success_logs: z.int(),
    failed_logs: z.int(),
    scheduled_publications: z.int().describe('Publications with the status `pending`.'),
    completed_jobs: z.int(),
    scheduled_later: z.int().describe('Publications with the status `scheduled`: due in the future.'),
  })
  .meta({ id: 'OverviewStats' });
export type OverviewStats = z.infer<typeof OverviewStats>;

export const QueueStats = z
  .object({
    pending: z.int(),
    processing: z.int(),
    success: z.int(),
    failed: z.int(),
    avg_processing_time_ms: z.number().nullable().describe('Mean of published − requested over successes; null without any.'),
    oldest_pending_age_seconds: z.number().nullable().describe('Of the oldest due pending item; null when none is due.'),
    scheduled: z.int(),
    unconfirmed: z.int().describe('Failed because the answer never came.'),
    clock_skew: z.int().describe('Successes published before they were requested; left out of the average.'),
    sample_count: z.int().describe('Successes in the average.'),
  })
  .meta({ id: 'QueueStats' });
export type QueueStats = z.infer<typeof QueueStats>;

export const OrchestratorStats = z
  .object({
    last_run_at: z.string().nullable().describe('Creation of the newest publication.'),
    actions_last_run: z.int().describe('Publications created in the last hour.'),
    actions_last_24h: z.int(),
    queue_saturation: z.number().describe('(pending + processing) / all, at most 1, 0 when there is nothing.'),
    active_workers: z.int().describe('Distinct social accounts with something processing.'),
    last_tick_at: z.string().nullable().describe('When the queue was last looked at.'),
    last_tick_duration_ms: z.number().nullable(),
    last_tick_dispatched: z.int().nullable(),
    lag_seconds: z
      .number()
      .nullable()
      .describe('How late the most overdue item was that the last tick left behind; null when it left none.'),
    slots_total: z.int().describe('Slots of living workers that publish.'),
    slots_busy: z.int().describe('Publish workloads under way.'),
  })
  .meta({ id: 'OrchestratorStats' });
export type OrchestratorStats = z.infer<typeof OrchestratorStats>;

export const PlatformFigures = z.object({
  clips_ready: z.int(),
  clips_published: z.int(),
  avg_score: z.number(),
  jobs_completed: z.int(),
  jobs_failed: z.int(),
  scored_clips: z.int().describe('Distinct clips in the average.'),
});
export type PlatformFigures = z.infer<typeof PlatformFigures>;
export const PlatformStats = z.record(PlatformKey, PlatformFigures).meta({ id: 'PlatformStats' });
export type PlatformStats = z.infer<typeof PlatformStats>;

export const CampaignStats = z
  .object({ draft: z.int(), active: z.int(), paused: z.int(), completed: z.int(), total_budget_spent: z.number() })
  .meta({ id: 'CampaignStats' });
export type CampaignStats = z.infer<typeof CampaignStats>;

export const PublicationSeriesInput = z.strictObject({
  from: Timestamp.optional(),
  to: Timestamp.optional(),
  platform: PlatformKey.optional(),
  bucket: z.enum(['minute', 'hour', 'day']).default('hour'),
});
export type PublicationSeriesInput = z.infer<typeof PublicationSeriesInput>;
export const PublicationSeries = z.object({
  bucket: z.enum(['minute', 'hour', 'day']),
  points: z.array(
    z.object({
      bucket_at: z.string(),
      created: z.int(),
      succeeded: z.int(),
      failed: z.int(),
      avg_processing_time_ms: z.number().nullable(),
    }),
  ),
});
export type PublicationSeries = z.infer<typeof PublicationSeries>;

export const LiveStats = z.object({
  type: z.literal('publishing.stats'),
  overview: OverviewStats,
  queue: QueueStats,
  orchestrator: OrchestratorStats,
  platforms: PlatformStats,
  campaigns: CampaignStats,
});
export type LiveStats = z.infer<typeof LiveStats>;

/** Figures that thresholds judge and dashboards show. `is_per_platform` ones need a platform; `has_platform` ones may be narrowed to one. */
export const METRICS = {
  'queue.pending': { unit: 'count', has_platform: true },
  'queue.processing': { unit: 'count', has_platform: true },
  'queue.scheduled': { unit: 'count', has_platform: true },
  'queue.success': { unit: 'count', has_platform: true },
  'queue.failed': { unit: 'count', has_platform: true },
  'queue.unconfirmed': { unit: 'count', has_platform: true },
  'queue.success_rate_pct': { unit: 'percent', has_platform: true },
  'queue.avg_processing_time_ms': { unit: 'milliseconds', has_platform: true },
  'queue.oldest_pending_age_seconds': { unit: 'seconds', has_platform: true },
  'recent.succeeded': { unit: 'count', has_platform: true },
  'recent.failed': { unit: 'count', has_platform: true },
  'recent.success_rate_pct': { unit: 'percent', has_platform: true },
  'recent.avg_processing_time_ms': { unit: 'milliseconds', has_platform: true },
  'orchestrator.queue_saturation': { unit: 'ratio', has_platform: true },
  'orchestrator.active_workers': { unit: 'count', has_platform: true },
  'orchestrator.actions_last_run': { unit: 'count', has_platform: true },
  'orchestrator.actions_last_24h': { unit: 'count', has_platform: true },
  'orchestrator.lag_seconds': { unit: 'seconds', has_platform: false },
  'orchestrator.slots_total': { unit: 'count', has_platform: false },
  'orchestrator.slots_busy': { unit: 'count', has_platform: false },
  'overview.total_videos': { unit: 'count', has_platform: false },
  'overview.total_clips': { unit: 'count', has_platform: false },
  'overview.total_jobs': { unit: 'count', has_platform: true },
  'overview.pending_jobs': { unit: 'count', has_platform: true },
  'overview.processing_jobs': { unit: 'count', has_platform: true },
  'overview.failed_jobs': { unit: 'count', has_platform: true },
  'platforms.clips_ready': { unit: 'count', has_platform: true, is_per_platform: true },
  'platforms.clips_published': { unit: 'count', has_platform: true, is_per_platform: true },
  'platforms.avg_score': { unit: 'ratio', has_platform: true, is_per_platform: true },
  'platforms.jobs_completed': { unit: 'count', has_platform: true, is_per_platform: true },
  'platforms.jobs_failed': { unit: 'count', has_platform: true, is_per_platform: true },
  'campaigns.draft': { unit: 'count', has_platform: false },
  'campaigns.active': { unit: 'count', has_platform: false },
  'campaigns.paused': { unit: 'count', has_platform: false },
  'campaigns.completed': { unit: 'count', has_platform: false },
  'campaigns.total_budget_spent': { unit: 'money', has_platform: false },
} as const satisfies Record<string, MetricFacts>;
interface MetricFacts {
  readonly unit: 'count' | 'percent' | 'ratio' | 'milliseconds' | 'seconds' | 'money';
  readonly has_platform: boolean;
  readonly is_per_platform?: boolean;
}
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];
export const MetricName = z.enum(Object.keys(METRICS) as [keyof typeof METRICS, ...(keyof typeof METRICS)[]]);
export type MetricName = z.infer<typeof MetricName>;

/** Why a metric cannot be had for this platform, or null. */
export function metricProblem(choice: { metric: MetricName; platform?: PlatformKey | null | undefined }): string | null {
  const facts: MetricFacts = METRICS[choice.metric];
  if (facts.is_per_platform === true && typeof choice.platform !== 'string') return 'is needed for this metric';
  return !facts.has_platform && typeof choice.platform === 'string' ? 'must be left out: this metric is of all platforms' : null;
}

export const MetricValue = z.object({
  metric: MetricName,
  platform: PlatformKey.nullable(),
  unit: z.string(),
  value: z.number().nullable().describe('Null when there is nothing to tell it from.'),
});
export type MetricValue = z.infer<typeof MetricValue>;
export const MetricsInput = z.strictObject({ platform: PlatformKey.optional() });
export const MetricsOutput = z.object({ items: z.array(MetricValue) });
