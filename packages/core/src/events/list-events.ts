import type { CoreContext } from '../ports/index.ts';
import { invalid } from '../errors.ts';
import type { ListEventsInput, StreamEvent } from './contract.ts';
import { standingOf } from './positions.ts';
import { boundsOf, readShared, readSharedBefore, toStreamEvent, type PlacedItem } from './read-stream.ts';
import { readWorkloadBefore, readWorkloadStream, workloadHead } from './read-workload-stream.ts';

interface Page {
  readonly items: StreamEvent[];
  readonly next_cursor: string | null;
}

interface Stream {
  readonly name: string;
  readonly isShared: boolean;
  readonly head: number;
  readonly floor: number;
}

type Asked = Pick<ListEventsInput, 'limit'> & Partial<Pick<ListEventsInput, 'order' | 'after' | 'before'>>;

async function streamOf(ctx: CoreContext, name: string): Promise<Stream> {
  if (name.startsWith('wl_')) return { name, isShared: false, head: await workloadHead(ctx, name), floor: 0 };
  return { name, isShared: true, ...(await boundsOf(ctx, name)) };
}

/** `isLast` says whether nothing follows after a position, in the order of the page. */
async function pageOf(
  ctx: CoreContext,
  placed: readonly PlacedItem[],
  of: { stream: string; limit: number; isLast: (position: number) => boolean },
): Promise<Page> {
  const page = placed.slice(0, of.limit);
  const items = await Promise.all(page.map((entry) => toStreamEvent(ctx, of.stream, entry)));
  const last = page.at(-1);
  return { items, next_cursor: last === undefined || of.isLast(last.position) ? null : (items.at(-1)?.id ?? null) };
}

async function listForward(ctx: CoreContext, stream: Stream, asked: Asked): Promise<Page> {
  const { name, head, floor } = stream;
  if (asked.before !== undefined) throw invalid('before', 'goes with the order "desc"; use "after" to go on in the order of time');
  const standing =
    asked.after === undefined ? ({ kind: 'at', position: floor } as const) : standingOf(asked.after, { epoch: ctx.logEpoch, floor, head });
  if (standing.kind === 'gap') throw invalid('after', `is not a place to go on from in this stream (${standing.reason})`);
  const placed = await (stream.isShared ? readShared : readWorkloadStream)(ctx, name, standing.position);
  return pageOf(ctx, placed, { stream: name, limit: asked.limit, isLast: (position) => position >= head });
}

async function listBackward(ctx: CoreContext, stream: Stream, asked: Asked): Promise<Page> {
  const { name, head, floor } = stream;
  if (asked.after !== undefined) throw invalid('after', 'goes with the order "asc"; use "before" to go back in time');
  const standing =
    asked.before === undefined
      ? ({ kind: 'at', position: head + 1 } as const)
      : standingOf(asked.before, { epoch: ctx.logEpoch, floor, head });
  // What came before it was trimmed away: there is nothing more.
  if (standing.kind === 'gap' && standing.reason === 'trimmed') return { items: [], next_cursor: null };
  if (standing.kind === 'gap') throw invalid('before', `is not a place to go back from in this stream (${standing.reason})`);
  const { position: before } = standing;
  const placed = await (stream.isShared ? readSharedBefore : readWorkloadBefore)(ctx, name, { before, limit: asked.limit });
  return pageOf(ctx, placed, { stream: name, limit: asked.limit, isLast: (position) => position <= floor + 1 });
}

/**
 * A page of a stream, oldest first, or newest first in the order `desc`; `next_cursor` is the id to go on after or before, null at the
 * end. Either reads what it shows, however long the stream is.
 * @throws {AppError} VALIDATION naming `after` or `before` when the log can no longer go on from there; NOT_FOUND for a workload.
 */
export async function listEvents(ctx: CoreContext, input: Asked & { stream: string }): Promise<Page> {
  const stream = await streamOf(ctx, input.stream);
  return input.order === 'desc' ? listBackward(ctx, stream, input) : listForward(ctx, stream, input);
}
