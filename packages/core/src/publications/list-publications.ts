import { decodeCursor } from '../cursors.ts';
import type { CoreContext } from '../ports/index.ts';
import { pageOf } from '../publishing/index.ts';
import type { ListPublicationsInput, Publication } from './contract.ts';
import { explainPublications } from './explain-publications.ts';
import { publicationCondition } from './publication-condition.ts';

/** Publications, newest first, a page at a time. @throws {AppError} VALIDATION for a cursor of another list. */
export async function listPublications(
  ctx: CoreContext,
  input: ListPublicationsInput,
): Promise<{ items: Publication[]; next_cursor: string | null }> {
  let query = ctx.database.db
    .selectFrom('publication')
    .selectAll()
    .where(publicationCondition(input))
    .orderBy('id', 'desc')
    .limit(input.limit + 1);
  if (input.cursor !== undefined) query = query.where('id', '<', decodeCursor('publications', input.cursor));
  const { items, next_cursor } = pageOf(await query.execute(), { list: 'publications', limit: input.limit, key: (row) => row.id });
  return { items: await explainPublications(ctx, items), next_cursor };
}
