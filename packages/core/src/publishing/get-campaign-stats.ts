import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import type { CampaignStats, PublishingStatsInput } from './contract.ts';
import { windowOf } from './window.ts';

const SUMS = `coalesce(sum(draft), 0)::bigint as draft, coalesce(sum(active), 0)::bigint as active, coalesce(sum(paused), 0)::bigint as paused,
  coalesce(sum(completed), 0)::bigint as completed, coalesce(sum(budget_spent), 0) as total_budget_spent`;
const COUNTERS = { name: 'read_publishing_campaigns', text: `select ${SUMS} from publishing_total` };

/**
 * Campaigns by status and what they spent, one round trip to counters. A platform chooses campaigns with a publication on it.
 * **Source:** requirement 004, `/dashboard/stats/campaigns`.
 */
export async function getCampaignStats(ctx: CoreContext, input: PublishingStatsInput): Promise<CampaignStats> {
  const window = windowOf(input);
  if (window.isOpen && window.platform === null) {
    const [all] = await ctx.database.reader.run<CampaignStats>(COUNTERS, []);
    if (all !== undefined) return all;
  }
  const { rows } = await sql<CampaignStats>`
    select ${sql.raw(SUMS)} from (
      select (status = 'draft')::int as draft, (status = 'active')::int as active, (status = 'paused')::int as paused,
        (status = 'completed')::int as completed, spend as budget_spent from campaign c
      where ${window.within('c.created_at')} and (${window.platform}::text is null or exists (
        select from publication p where p.campaign_id = c.id and p.platform_key = ${window.platform}::text and p.status <> 'cancelled'))
    ) as s`.execute(ctx.database.db);
  const [stats] = rows;
  if (stats === undefined) throw new Error('unreachable: aggregates always have a row');
  return stats;
}
