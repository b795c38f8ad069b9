import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { AppError, invalid, notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { countTotals } from '../publishing/index.ts';
import type { Campaign, UpdateCampaignInput } from './contract.ts';
import { requireClips } from './require-clips.ts';
import { requireCampaignTransition } from './transitions.ts';

const BATCH = 100;
const LEFT = ['pending', 'scheduled', 'processing'] as const;

/** @throws {AppError} CONFLICT while publications of the campaign wait or are under way. */
async function requireNothingLeft(tx: Transaction<Database>, id: string): Promise<void> {
  const left = await tx
    .selectFrom('publication')
    .select('id')
    .where('campaign_id', '=', id)
    .where('status', 'in', LEFT)
    .limit(1)
    .executeTakeFirst();
  if (left === undefined) return;
  const message = 'The campaign has publications that wait or are under way; cancel them or wait before completing it.';
  throw new AppError('CONFLICT', message, {
    issues: [{ path: 'status', message: 'something is left to do' }],
    data: { publication_id: left.id },
  });
}

/**
 * Changes a campaign; fields left out stay. It is completed only when nothing of it is left to do.
 * @throws {AppError} NOT_FOUND, INVALID_TRANSITION, CONFLICT, VALIDATION
 */
export async function updateCampaign(ctx: CoreContext, input: UpdateCampaignInput): Promise<Campaign> {
  const { id, ...changes } = input;
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const after = await ctx.database.db.transaction().execute(async (tx) => {
    const before = await tx.selectFrom('campaign').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
    if (before === undefined) throw notFound('campaign', id);
    const merged = { ...before, ...given };
    requireCampaignTransition(id, before.status, merged.status);
    if (merged.starts_at !== null && merged.ends_at !== null && Date.parse(merged.ends_at) < Date.parse(merged.starts_at)) {
      throw invalid('ends_at', 'must not lie before starts_at');
    }
    if (input.clip_ids !== undefined) await requireClips(tx, input.clip_ids);
    if (merged.status === 'completed' && before.status !== 'completed') await requireNothingLeft(tx, id);
    const changed = await tx
      .updateTable('campaign')
      .set({ ...given, updated_at: sql<string>`now()` })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    const moved = before.status === changed.status ? {} : { [before.status]: -1, [changed.status]: 1 };
    await countTotals(tx, moved, { before: before.spend, after: changed.spend });
    return changed;
  });
  // What waited for a paused campaign may go now.
  ctx.hub.publish(['publish_queue']);
  return after;
}

/** Completes campaigns whose window is over and of which nothing is left to do. Answers how many. */
export async function completeEndedCampaigns(ctx: CoreContext): Promise<number> {
  return ctx.database.db.transaction().execute(async (tx) => {
    const ended = await tx
      .selectFrom('campaign')
      .select('id')
      .where('status', 'in', ['active', 'paused'])
      .where('ends_at', '<', sql<string>`now()`)
      .orderBy('ends_at')
      .limit(BATCH)
      .forNoKeyUpdate()
      .skipLocked()
      .execute();
    if (ended.length === 0) return 0;
    // A statement of its own, after the lock: a publication made in between is seen.
    const { rows } = await sql<{ status: 'active' | 'paused' }>`
      update campaign c set status = 'completed', updated_at = now() from campaign before
      where before.id = c.id and c.id = any(${ended.map((row) => row.id)}::text[])
        and not exists (select from publication p where p.campaign_id = c.id and p.status in ('pending', 'scheduled', 'processing'))
      returning before.status`.execute(tx);
    if (rows.length === 0) return 0;
    const active = rows.filter((row) => row.status === 'active').length;
    await countTotals(tx, { active: -active, paused: active - rows.length, completed: rows.length });
    return rows.length;
  });
}
