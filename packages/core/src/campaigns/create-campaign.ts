import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import { countTotals } from '../publishing/index.ts';
import type { Campaign, CreateCampaignInput } from './contract.ts';
import { requireClips } from './require-clips.ts';

/** Creates a campaign of existing clips. @throws {AppError} NOT_FOUND naming a clip, CONFLICT when the id is taken. */
export async function createCampaign(ctx: CoreContext, input: CreateCampaignInput): Promise<Campaign> {
  const { id = newId('cmp', ctx.now()), name, status, clip_ids, spend } = input;
  const row = {
    id,
    name,
    status,
    clip_ids,
    spend,
    budget: input.budget ?? null,
    starts_at: input.starts_at ?? null,
    ends_at: input.ends_at ?? null,
  };
  return ctx.database.db.transaction().execute(async (tx) => {
    await requireClips(tx, clip_ids);
    const made = await tx
      .insertInto('campaign')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returningAll()
      .executeTakeFirst();
    if (made === undefined)
      throw new AppError('CONFLICT', `There is a campaign with the id "${id}" already.`, { issues: [{ path: 'id', message: 'is taken' }] });
    await countTotals(tx, { [status]: 1 }, { before: 0, after: spend });
    return made;
  });
}
