import type { CoreContext } from '../ports/index.ts';
import { cancelIn } from '../workloads/index.ts';
import { closeAttempt, lockOpenAttempt } from './attempts.ts';
import { changePublication } from './change-publication.ts';
import type { PublicationWithAttempts } from './contract.ts';
import { invalidMove } from './transitions.ts';

/**
 * Takes a publication back: at once while it waits, and before anything was sent while it is under way. A cancelled one is in no
 * total. Cancelling again changes nothing.
 * @throws {AppError} NOT_FOUND, INVALID_TRANSITION once it may have been sent.
 */
export async function cancelPublication(ctx: CoreContext, input: { id: string }): Promise<PublicationWithAttempts> {
  const waste: string[] = [];
  const answer = await changePublication(ctx, input.id, async (row, tx) => {
    if (row.status === 'cancelled') return null;
    if (row.status === 'processing') {
      const open = await lockOpenAttempt(tx, row.id);
      if (open === null || open.sent_at !== null) {
        throw invalidMove(row, 'cancelled', 'It may be published already: wait for the outcome.');
      }
      await closeAttempt(tx, { publication_id: row.id, attempt: open.attempt, outcome: 'cancelled', http_status: null, error: null });
      if (open.workload_id !== null) waste.push(open.workload_id);
    }
    return { row, to: 'cancelled', sub: null, by: 'cancel' };
  });
  // Nobody waits for it any more: an agent that gets it all the same is told so before it sends.
  for (const id of waste)
    await ctx.database.db
      .transaction()
      .execute((tx) => cancelIn(ctx, tx, id))
      .catch(() => undefined);
  if (waste.length > 0) ctx.hub.publish(['workloads', ...waste]);
  return answer;
}
