import { sql } from 'kysely';
import { invalid, notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { countScore } from '../publishing/index.ts';
import type { Clip, UpdateClipInput } from './contract.ts';

/** Changes a clip; fields left out stay. A new score enters the averages of its platforms at once. @throws {AppError} NOT_FOUND, VALIDATION */
export async function updateClip(ctx: CoreContext, input: UpdateClipInput): Promise<Clip> {
  const { id, ...changes } = input;
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return ctx.database.db.transaction().execute(async (tx) => {
    const before = await tx.selectFrom('clip').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
    if (before === undefined) throw notFound('clip', id);
    const merged = { ...before, ...given };
    if (merged.start_ms !== null && merged.end_ms !== null && merged.end_ms < merged.start_ms)
      throw invalid('end_ms', 'must not lie before start_ms');
    const after = await tx
      .updateTable('clip')
      .set({ ...given, updated_at: sql<string>`now()` })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    if (before.visual_score !== after.visual_score) await countScore(tx, { id, before: before.visual_score, after: after.visual_score });
    return after;
  });
}
