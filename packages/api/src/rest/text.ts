import { refusalOf } from '../errors.ts';
import type { ApiContext } from '../trpc.ts';

const utf8 = new TextEncoder();

function iteratorOf(pieces: unknown): AsyncIterator<unknown> {
  if (typeof pieces !== 'object' || pieces === null || !(Symbol.asyncIterator in pieces)) throw new Error('a download must yield text');
  return (pieces as AsyncIterable<unknown>)[Symbol.asyncIterator]();
}

/**
 * A download made piece by piece, no faster than it is read. A refusal before the first piece is an answer of its own; a
 * failure later breaks the connection off, so that half a file is not taken for a whole one.
 */
export async function textAnswer(
  ctx: ApiContext,
  {
    pieces,
    content_type,
    cache_seconds,
    is_base64 = false,
  }: { pieces: unknown; content_type: string; cache_seconds?: number | undefined; is_base64?: boolean },
): Promise<Response> {
  const iterator = iteratorOf(pieces);
  let next = await iterator.next();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (next.done === true) return controller.close();
      const piece = String(next.value);
      controller.enqueue(is_base64 ? new Uint8Array(Buffer.from(piece, 'base64')) : utf8.encode(piece));
      try {
        next = await iterator.next();
      } catch (error) {
        controller.error(refusalOf(error, ctx));
      }
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  const keeping: Record<string, string> =
    cache_seconds === undefined
      ? { 'content-disposition': 'attachment', 'cache-control': 'no-store' }
      : { 'cache-control': `public, max-age=${cache_seconds}` };
  return new Response(body, { headers: { 'content-type': content_type, ...keeping } });
}
