import { sql } from 'kysely';
import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { UpdateVideoInput, Video } from './contract.ts';

/** Changes a video; fields left out stay. @throws {AppError} NOT_FOUND */
export async function updateVideo(ctx: CoreContext, input: UpdateVideoInput): Promise<Video> {
  const { id, ...changes } = input;
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const row = await ctx.database.db
    .updateTable('video')
    .set({ ...given, updated_at: sql<string>`now()` })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw notFound('video', id);
  return row;
}
