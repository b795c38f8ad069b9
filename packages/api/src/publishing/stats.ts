import {
  getCampaignStats,
  getOrchestratorStats,
  getOverviewStats,
  getPlatformStats,
  getPublicationSeries,
  getQueueStats,
  listMetrics,
  watchStats,
} from '@tidemark/core/publishing';
import {
  CampaignStats,
  MetricsInput,
  MetricsOutput,
  OrchestratorStats,
  OverviewStats,
  PlatformStats,
  PublicationSeries,
  PublicationSeriesInput,
  PublishingStatsInput,
  QueueStats,
} from '@tidemark/core/publishing/contract';
import { callSignal, plainEvents, router, shape, viewer } from '../trpc.ts';

export const publishingStatsRouter = router({
  overview: viewer({ method: 'GET', path: '/dashboard/stats/overview', summary: 'Global system statistics' })
    .input(PublishingStatsInput)
    .output(shape(OverviewStats))
    .query(({ ctx, input }) => getOverviewStats(ctx.core, input)),
  queue: viewer({ method: 'GET', path: '/dashboard/stats/queue', summary: 'Publication queue statistics' })
    .input(PublishingStatsInput)
    .output(shape(QueueStats))
    .query(({ ctx, input }) => getQueueStats(ctx.core, input)),
  orchestrator: viewer({ method: 'GET', path: '/dashboard/stats/orchestrator', summary: 'Orchestrator activity' })
    .input(PublishingStatsInput)
    .output(shape(OrchestratorStats))
    .query(({ ctx, input }) => getOrchestratorStats(ctx.core, input)),
  platforms: viewer({ method: 'GET', path: '/dashboard/stats/platforms', summary: 'Statistics of each platform' })
    .input(PublishingStatsInput)
    .output(shape(PlatformStats))
    .query(({ ctx, input }) => getPlatformStats(ctx.core, input)),
  campaigns: viewer({ method: 'GET', path: '/dashboard/stats/campaigns', summary: 'Campaign status summary' })
    .input(PublishingStatsInput)
    .output(shape(CampaignStats))
    .query(({ ctx, input }) => getCampaignStats(ctx.core, input)),
  series: viewer({
    method: 'GET',
    path: '/dashboard/stats/series',
    summary: 'Publications created, succeeded and failed per minute, hour or day',
  })
    .input(PublicationSeriesInput)
    .output(shape(PublicationSeries))
    .query(({ ctx, input }) => getPublicationSeries(ctx.core, input)),
  live: viewer({
    method: 'GET',
    path: '/dashboard/stats/live',
    summary: 'Follow the five statistics',
    description: 'All five at once, then whenever they differ, at most once a second. Each answer is whole: nothing needs to be resumed.',
  })
    .input(PublishingStatsInput)
    .subscription(({ ctx, input, signal }) => plainEvents(ctx, watchStats(ctx.core, input, callSignal(ctx, signal)))),
  metrics: viewer({
    method: 'GET',
    path: '/v1/publishing/metrics',
    summary: 'List the metrics that thresholds and dashboards take, with their values now',
  })
    .input(MetricsInput)
    .output(shape(MetricsOutput))
    .query(({ ctx, input }) => listMetrics(ctx.core, input)),
});
