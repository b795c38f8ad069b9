import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import { countTotals } from '../publishing/index.ts';
import type { CreateVideoInput, Video } from './contract.ts';

/** Creates a video. @throws {AppError} CONFLICT when the id is taken. */
export async function createVideo(ctx: CoreContext, input: CreateVideoInput): Promise<Video> {
  const id = input.id ?? newId('vid', ctx.now());
  return ctx.database.db.transaction().execute(async (tx) => {
    const made = await tx
      .insertInto('video')
      .values({ id, title: input.title, source_url: input.source_url ?? null, duration_ms: input.duration_ms ?? null })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returningAll()
      .executeTakeFirst();
    if (made === undefined)
      throw new AppError('CONFLICT', `There is a video with the id "${id}" already.`, { issues: [{ path: 'id', message: 'is taken' }] });
    await countTotals(tx, { videos: 1 });
    return made;
  });
}
