import { decodeCursor } from '../cursors.ts';
import type { CoreContext } from '../ports/index.ts';
import { contains, pageOf } from '../publishing/index.ts';
import type { Clip, ListClipsInput } from './contract.ts';

/** Clips, newest first, a page at a time. @throws {AppError} VALIDATION for a cursor of another list. */
export async function listClips(ctx: CoreContext, input: ListClipsInput): Promise<{ items: Clip[]; next_cursor: string | null }> {
  let query = ctx.database.db
    .selectFrom('clip')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(input.limit + 1);
  if (input.video_id !== undefined) query = query.where('video_id', '=', input.video_id);
  if (input.q !== undefined) query = query.where('title', 'ilike', contains(input.q));
  if (input.cursor !== undefined) query = query.where('id', '<', decodeCursor('clips', input.cursor));
  return pageOf(await query.execute(), { list: 'clips', limit: input.limit, key: (row) => row.id });
}
