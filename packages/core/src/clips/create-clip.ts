import { AppError, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import { countTotals } from '../publishing/index.ts';
import type { Clip, CreateClipInput } from './contract.ts';

/** Creates a clip of a video. @throws {AppError} NOT_FOUND without the video, CONFLICT when the id is taken. */
export async function createClip(ctx: CoreContext, input: CreateClipInput): Promise<Clip> {
  const { id = newId('clip', ctx.now()), ...fields } = input;
  return ctx.database.db.transaction().execute(async (tx) => {
    const video = await tx.selectFrom('video').select('id').where('id', '=', input.video_id).executeTakeFirst();
    if (video === undefined) throw notFound('video', input.video_id, 'video_id');
    const row = {
      id,
      video_id: fields.video_id,
      title: fields.title,
      visual_score: fields.visual_score ?? null,
      start_ms: fields.start_ms ?? null,
      end_ms: fields.end_ms ?? null,
    };
    const made = await tx
      .insertInto('clip')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returningAll()
      .executeTakeFirst();
    if (made === undefined)
      throw new AppError('CONFLICT', `There is a clip with the id "${id}" already.`, { issues: [{ path: 'id', message: 'is taken' }] });
    await countTotals(tx, { clips: 1 });
    return made;
  });
}
