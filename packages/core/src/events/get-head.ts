import type { CoreContext } from '../ports/index.ts';
import { eventId } from './positions.ts';
import { boundsOf } from './read-stream.ts';

/** The cursor of a shared stream's newest event: whoever watches after it sees everything from this moment on. */
export async function getHead(ctx: CoreContext, input: { stream: string }): Promise<string> {
  const { head } = await boundsOf(ctx, input.stream);
  return eventId(ctx.logEpoch, head);
}
