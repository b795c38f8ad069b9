import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { Campaign } from './contract.ts';

/** One campaign. @throws {AppError} NOT_FOUND */
export async function getCampaign(ctx: CoreContext, input: { id: string }): Promise<Campaign> {
  const row = await ctx.database.db.selectFrom('campaign').selectAll().where('id', '=', input.id).executeTakeFirst();
  if (row === undefined) throw notFound('campaign', input.id);
  return row;
}
