import type { CoreContext } from '../ports/index.ts';
import { invalid } from '../errors.ts';
import type { StreamEvent } from './contract.ts';
import { standingOf } from './positions.ts';
import { boundsOf, readShared, toStreamEvent } from './read-stream.ts';
import { readWorkloadStream, workloadHead } from './read-workload-stream.ts';

/**
 * A page of a stream, oldest first; `next_cursor` is the id to go on after, null at the head.
 * @throws {AppError} VALIDATION naming `after` when the log can no longer go on from there.
 */
export async function listEvents(
  ctx: CoreContext,
  input: { stream: string; after?: string | undefined; limit: number },
): Promise<{ items: StreamEvent[]; next_cursor: string | null }> {
  const isShared = !input.stream.startsWith('wl_');
  const { head, floor } = isShared ? await boundsOf(ctx, input.stream) : { head: await workloadHead(ctx, input.stream), floor: 0 };
  const standing =
    input.after === undefined ? ({ kind: 'at', position: floor } as const) : standingOf(input.after, { epoch: ctx.logEpoch, floor, head });
  if (standing.kind === 'gap') throw invalid('after', `is not a place to go on from in this stream (${standing.reason})`);
  const placed = isShared
    ? await readShared(ctx, input.stream, standing.position)
    : await readWorkloadStream(ctx, input.stream, standing.position);
  const page = placed.slice(0, input.limit);
  const items = await Promise.all(page.map((entry) => toStreamEvent(ctx, input.stream, entry)));
  const last = page.at(-1);
  return { items, next_cursor: last !== undefined && last.position < head ? (items.at(-1)?.id ?? null) : null };
}
