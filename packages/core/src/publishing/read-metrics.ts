import { sql } from 'kysely';
import type { PlatformKey } from '../platforms/contract.ts';
import type { CoreContext } from '../ports/index.ts';
import { METRIC_NAMES, type MetricName, metricProblem, METRICS, type MetricValue } from './contract.ts';
import { getCampaignStats } from './get-campaign-stats.ts';
import { getOrchestratorStats } from './get-orchestrator-stats.ts';
import { getOverviewStats } from './get-overview-stats.ts';
import { getPlatformStats } from './get-platform-stats.ts';
import { getQueueStats } from './get-queue-stats.ts';

interface MetricChoice {
  readonly metric: MetricName;
  readonly platform: PlatformKey | null;
}

type Figures = Readonly<Record<string, number | string | null>>;

function percentage(good: number, all: number): number | null {
  return all === 0 ? null : (good * 100) / all;
}

/** The last hour, to the minute, from the buckets of what happened. */
async function recentFigures(ctx: CoreContext, platform: PlatformKey | null): Promise<Figures> {
  const { rows } = await sql<{ succeeded: number; failed: number; duration_ms_sum: number; duration_count: number }>`
    select coalesce(sum(succeeded), 0)::bigint as succeeded, coalesce(sum(failed), 0)::bigint as failed,
      coalesce(sum(duration_ms_sum), 0)::bigint as duration_ms_sum, coalesce(sum(duration_count), 0)::bigint as duration_count
    from publication_bucket where grain = 'minute' and bucket_at > now() - interval '1 hour'
      and (${platform}::text is null or platform_key = ${platform}::text)`.execute(ctx.database.db);
  const [row] = rows;
  if (row === undefined) throw new Error('unreachable: aggregates always have a row');
  return {
    succeeded: row.succeeded,
    failed: row.failed,
    success_rate_pct: percentage(row.succeeded, row.succeeded + row.failed),
    avg_processing_time_ms: row.duration_count === 0 ? null : row.duration_ms_sum / row.duration_count,
  };
}

const SECTIONS: Readonly<Record<string, (ctx: CoreContext, platform: PlatformKey | null) => Promise<Figures>>> = {
  recent: recentFigures,
  async queue(ctx, platform) {
    const queue = await getQueueStats(ctx, platform === null ? {} : { platform });
    return { ...queue, success_rate_pct: percentage(queue.success, queue.success + queue.failed) };
  },
  orchestrator: (ctx, platform) => getOrchestratorStats(ctx, platform === null ? {} : { platform }),
  overview: (ctx, platform) => getOverviewStats(ctx, platform === null ? {} : { platform }),
  campaigns: (ctx) => getCampaignStats(ctx, {}),
  async platforms(ctx, platform) {
    const { [platform ?? 'other']: figures } = await getPlatformStats(ctx, {});
    return { ...figures };
  },
};

/** The values of metrics now, in the order asked for; each group of figures is read once. */
export async function readMetrics(ctx: CoreContext, choices: readonly MetricChoice[]): Promise<MetricValue[]> {
  const groups = new Map<string, Figures>();
  for (const { metric, platform } of choices) {
    const [section = ''] = metric.split('.');
    const key = `${section}:${platform ?? ''}`;
    const read = SECTIONS[section];
    if (read !== undefined && !groups.has(key)) groups.set(key, await read(ctx, platform));
  }
  return choices.map(({ metric, platform }) => {
    const [section = '', field = ''] = metric.split('.');
    const value = groups.get(`${section}:${platform ?? ''}`)?.[field];
    return { metric, platform, unit: METRICS[metric].unit, value: typeof value === 'number' ? value : null };
  });
}

/** Every metric there is for a platform, or for all together. */
export async function listMetrics(ctx: CoreContext, input: { platform?: PlatformKey | undefined }): Promise<{ items: MetricValue[] }> {
  const platform = input.platform ?? null;
  const choices = METRIC_NAMES.map((metric): MetricChoice => ({ metric, platform }));
  return {
    items: await readMetrics(
      ctx,
      choices.filter((choice) => metricProblem(choice) === null),
    ),
  };
}
