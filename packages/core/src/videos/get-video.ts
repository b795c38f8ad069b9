import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { Video } from './contract.ts';

/** One video. @throws {AppError} NOT_FOUND */
export async function getVideo(ctx: CoreContext, input: { id: string }): Promise<Video> {
  const row = await ctx.database.db.selectFrom('video').selectAll().where('id', '=', input.id).executeTakeFirst();
  if (row === undefined) throw notFound('video', input.id);
  return row;
}
