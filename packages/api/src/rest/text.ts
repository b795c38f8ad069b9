import { createHash } from 'node:crypto';
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
  { pieces, content_type, is_base64 = false }: { pieces: unknown; content_type: string; is_base64?: boolean },
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
  return new Response(body, {
    headers: { 'content-type': content_type, 'content-disposition': 'attachment', 'cache-control': 'no-store' },
  });
}

/** What everybody may keep for a while, and ask for again by its tag: unchanged, it is not sent a second time. */
export async function cacheableAnswer(
  request: Request,
  { pieces, content_type, cache_seconds }: { pieces: unknown; content_type: string; cache_seconds: number },
): Promise<Response> {
  const iterator = iteratorOf(pieces);
  let text = '';
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) text += String(next.value);
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
  const headers = { etag, 'cache-control': `public, max-age=${cache_seconds}` };
  const known = (request.headers.get('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(etag) || known.includes('*')) return new Response(null, { status: 304, headers });
  return new Response(text, { headers: { ...headers, 'content-type': content_type } });
}
