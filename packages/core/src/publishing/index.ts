export { type ClipDelta, countClips, type Counted, type CountKey, countScore, countTotals, CounterDelta, SLOTS } from './count.ts';
export { getCampaignStats } from './get-campaign-stats.ts';
export { getOrchestratorStats } from './get-orchestrator-stats.ts';
export { getOverviewStats } from './get-overview-stats.ts';
export { getPlatformStats } from './get-platform-stats.ts';
export { getPublicationSeries } from './get-publication-series.ts';
export { getQueueStats } from './get-queue-stats.ts';
export { contains, pageOf } from './page.ts';
