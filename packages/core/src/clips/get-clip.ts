import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { Clip } from './contract.ts';

/** One clip. @throws {AppError} NOT_FOUND */
export async function getClip(ctx: CoreContext, input: { id: string }): Promise<Clip> {
  const row = await ctx.database.db.selectFrom('clip').selectAll().where('id', '=', input.id).executeTakeFirst();
  if (row === undefined) throw notFound('clip', input.id);
  return row;
}
