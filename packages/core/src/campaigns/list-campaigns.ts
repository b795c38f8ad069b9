import { decodeCursor } from '../cursors.ts';
import type { CoreContext } from '../ports/index.ts';
import { contains, pageOf } from '../publishing/index.ts';
import type { Campaign, ListCampaignsInput } from './contract.ts';

/** Campaigns, newest first, a page at a time. @throws {AppError} VALIDATION for a cursor of another list. */
export async function listCampaigns(
  ctx: CoreContext,
  input: ListCampaignsInput,
): Promise<{ items: Campaign[]; next_cursor: string | null }> {
  let query = ctx.database.db
    .selectFrom('campaign')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(input.limit + 1);
  if (input.status !== undefined) query = query.where('status', '=', input.status);
  if (input.q !== undefined) query = query.where('name', 'ilike', contains(input.q));
  if (input.cursor !== undefined) query = query.where('id', '<', decodeCursor('campaigns', input.cursor));
  return pageOf(await query.execute(), { list: 'campaigns', limit: input.limit, key: (row) => row.id });
}
