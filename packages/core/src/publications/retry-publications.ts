import { sql } from 'kysely';
import { AppError } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { changePublication } from './change-publication.ts';
import type { PublicationWithAttempts, RetryManyPublicationsInput, RetryPublicationInput } from './contract.ts';
import { movePublications, PUBLICATIONS_TOPIC, QUEUE_TOPIC, type PublicationMove } from './move-publications.ts';
import { lockPublications, type LockedRow } from './publication-row.ts';

/** Due now, with a new budget; attempts go on counting, so that every call has a key of its own. */
function again(row: LockedRow): PublicationMove {
  return {
    row,
    to: 'pending',
    sub: null,
    by: 'retry',
    set: { due_at: row.now, scheduled_for: null, next_try_at: null, transient_failures: 0, error: null, external_id: null },
  };
}

/**
 * Puts a failed or cancelled publication into the queue again.
 * @throws {AppError} NOT_FOUND, INVALID_TRANSITION, CONFLICT when nobody knows whether it was published and nobody says so.
 */
export async function retryPublication(ctx: CoreContext, input: RetryPublicationInput): Promise<PublicationWithAttempts> {
  return changePublication(ctx, input.id, (row) => {
    if (row.sub_status === 'unconfirmed' && row.status === 'failed' && !input.confirmed_not_published) {
      const message =
        'It may have been published. Look on the platform, then retry with confirmed_not_published, or report what you found.';
      throw new AppError('CONFLICT', message, {
        issues: [{ path: 'confirmed_not_published', message: 'is needed for an unconfirmed publication' }],
        data: { id: row.id },
      });
    }
    return again(row);
  });
}

/**
 * Retries all failed publications of a cause, at most `limit` in one call. Unconfirmed ones are left out unless
 * `confirmed_not_published` says that somebody looked.
 */
export async function retryPublications(
  ctx: CoreContext,
  input: RetryManyPublicationsInput,
): Promise<{ retried: number; has_more: boolean }> {
  const retried = await ctx.database.db.transaction().execute(async (tx) => {
    let query = tx
      .selectFrom('publication')
      .select('id')
      .where('status', '=', 'failed')
      .orderBy('id')
      .limit(input.limit + 1);
    if (input.sub_status !== undefined) query = query.where('sub_status', '=', input.sub_status);
    if (!input.confirmed_not_published) query = query.where(sql<boolean>`sub_status is distinct from 'unconfirmed'`);
    if (input.platform !== undefined) query = query.where('platform_key', '=', input.platform);
    if (input.campaign_id !== undefined) query = query.where('campaign_id', '=', input.campaign_id);
    if (input.social_account_id !== undefined) query = query.where('social_account_id', '=', input.social_account_id);
    const found = await query.execute();
    const rows = await lockPublications(
      tx,
      found.slice(0, input.limit).map((row) => row.id),
    );
    // One that changed between the look and the lock is not retried.
    const failed = rows.filter((row) => row.status === 'failed' && (input.confirmed_not_published || row.sub_status !== 'unconfirmed'));
    await movePublications(tx, failed.map(again));
    return { retried: failed.length, has_more: found.length > input.limit };
  });
  if (retried.retried > 0) ctx.hub.publish([PUBLICATIONS_TOPIC, QUEUE_TOPIC]);
  return retried;
}
