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
