import { router } from '../trpc.ts';
import { dashboardsRouter } from './dashboards.ts';
import { platformsRouter } from './platforms.ts';
import { publicationsRouter } from './publications.ts';
import { campaignsRouter, clipsRouter, videosRouter } from './records.ts';
import { publishingStatsRouter } from './stats.ts';
import { thresholdsRouter } from './thresholds.ts';

export const publishingRouter = router({
  videos: videosRouter,
  clips: clipsRouter,
  campaigns: campaignsRouter,
  platforms: platformsRouter,
  publications: publicationsRouter,
  stats: publishingStatsRouter,
  thresholds: thresholdsRouter,
  dashboards: dashboardsRouter,
});
