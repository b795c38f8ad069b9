import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { PublicationOutcome, PublicationWithAttempts } from './contract.ts';
import { explainPublications } from './explain-publications.ts';

/** One publication with its attempts, oldest first. @throws {AppError} NOT_FOUND */
export async function getPublication(ctx: CoreContext, input: { id: string }): Promise<PublicationWithAttempts> {
  const { db } = ctx.database;
  const row = await db.selectFrom('publication').selectAll().where('id', '=', input.id).executeTakeFirst();
  if (row === undefined) throw notFound('publication', input.id);
  const [[publication], attempts] = await Promise.all([
    explainPublications(ctx, [row]),
    db.selectFrom('publication_attempt').selectAll().where('publication_id', '=', input.id).orderBy('attempt').execute(),
  ]);
  if (publication === undefined) throw notFound('publication', input.id);
  return {
    ...publication,
    attempts: attempts.map(({ publication_id: _publication, ...attempt }) => ({
      ...attempt,
      outcome: attempt.outcome as PublicationOutcome | null,
    })),
  };
}
