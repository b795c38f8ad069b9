import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import type { CampaignStats, PublishingStatsInput } from './contract.ts';
import { windowOf } from './window.ts';

/**
 * Campaigns by status and what they spent, one round trip to counters. A platform chooses campaigns with a publication on it.
 * **Source:** requirement 004, `/dashboard/stats/campaigns`.
 */
export async function getCampaignStats(ctx: CoreContext, input: PublishingStatsInput): Promise<CampaignStats> {
  const window = windowOf(input);
  const source =
    window.isOpen && window.platform === null
      ? sql`select draft, active, paused, completed, budget_spent from publishing_total`
      : sql`select (status = 'draft')::int as draft, (status = 'active')::int as active, (status = 'paused')::int as paused,
          (status = 'completed')::int as completed, spend as budget_spent from campaign c
          where ${window.within('c.created_at')} and (${window.platform}::text is null or exists (
            select from publication p where p.campaign_id = c.id and p.platform_key = ${window.platform}::text and p.status <> 'cancelled'))`;
  const { rows } = await sql<CampaignStats>`
    select coalesce(sum(draft), 0)::bigint as draft, coalesce(sum(active), 0)::bigint as active, coalesce(sum(paused), 0)::bigint as paused,
      coalesce(sum(completed), 0)::bigint as completed, coalesce(sum(budget_spent), 0) as total_budget_spent from (${source}) as s`.execute(
    ctx.database.db,
  );
  const [stats] = rows;
  if (stats === undefined) throw new Error('unreachable: aggregates always have a row');
  return stats;
}
