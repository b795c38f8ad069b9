import { decodeCursor } from '../cursors.ts';
import type { CoreContext } from '../ports/index.ts';
import { contains, pageOf } from '../publishing/index.ts';
import type { ListVideosInput, Video } from './contract.ts';

/** Videos, newest first, a page at a time. @throws {AppError} VALIDATION for a cursor of another list. */
export async function listVideos(ctx: CoreContext, input: ListVideosInput): Promise<{ items: Video[]; next_cursor: string | null }> {
  let query = ctx.database.db
    .selectFrom('video')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(input.limit + 1);
  if (input.q !== undefined) query = query.where('title', 'ilike', contains(input.q));
  if (input.cursor !== undefined) query = query.where('id', '<', decodeCursor('videos', input.cursor));
  return pageOf(await query.execute(), { list: 'videos', limit: input.limit, key: (row) => row.id });
}
