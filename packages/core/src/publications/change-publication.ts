import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { PublicationWithAttempts } from './contract.ts';
import { getPublication } from './get-publication.ts';
import { movePublications, PUBLICATIONS_TOPIC, QUEUE_TOPIC, type PublicationMove } from './move-publications.ts';
import { lockPublications, type LockedRow } from './publication-row.ts';

/**
 * Locks one publication, moves it as `decide` says (null: it stays), and answers with what it is then.
 * @throws {AppError} NOT_FOUND, and whatever `decide` refuses.
 */
export async function changePublication(
  ctx: CoreContext,
  id: string,
  decide: (row: LockedRow, tx: Transaction<Database>) => PublicationMove | null | Promise<PublicationMove | null>,
): Promise<PublicationWithAttempts> {
  const isChanged = await ctx.database.db.transaction().execute(async (tx) => {
    const [row] = await lockPublications(tx, [id]);
    if (row === undefined) throw notFound('publication', id);
    const move = await decide(row, tx);
    if (move !== null) await movePublications(tx, [move]);
    return move !== null;
  });
  if (isChanged) ctx.hub.publish([PUBLICATIONS_TOPIC, QUEUE_TOPIC]);
  return getPublication(ctx, { id });
}
