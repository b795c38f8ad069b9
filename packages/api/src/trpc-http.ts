import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { AppError } from '@tidemark/core/errors';
import { refusalOf, retryAfterSeconds, rpcErrorShape } from './errors.ts';
import { jsonAnswer, refusalHeaders } from './rest/answer.ts';
import { parseJson, readText } from './rest/body.ts';
import { findRoute } from './rest/routes.ts';
import type { Route } from './rest/routes.ts';
import { appRouter } from './router.ts';
import type { ApiContext } from './trpc.ts';

export const MAX_BATCH_SIZE = 20;
const ENDPOINT = '/trpc';

function refusal(error: unknown, ctx: ApiContext, path: string | undefined): Response {
  const problem = refusalOf(error, ctx);
  const shape = rpcErrorShape(problem, path);
  return jsonAnswer(shape.data.httpStatus, { error: shape }, refusalHeaders(problem));
}

function wrongMethod(allow: string, path: string | undefined): Response {
  const shape = rpcErrorShape(
    new AppError('VALIDATION', `This procedure answers to ${allow} only: queries are GET, mutations are POST.`),
    path,
  );
  return jsonAnswer(405, { error: { ...shape, data: { ...shape.data, httpStatus: 405, code: 'METHOD_NOT_SUPPORTED' } } }, { allow });
}

/** One mutation without batching: the shape agents and the CLI send. Same wire format as the stock adapter, a fraction of its cost. */
async function single(request: Request, ctx: ApiContext, route: Route): Promise<Response> {
  try {
    const rule = route.meta.text_body;
    const text = await readText(request, rule === undefined ? undefined : { ...rule, content_type: 'application/json' });
    const input = text === null ? undefined : parseJson(text);
    const data = await route.call({
      ctx,
      path: route.name,
      type: 'mutation',
      getRawInput: () => Promise.resolve(input),
      signal: request.signal,
      batchIndex: 0,
    });
    return jsonAnswer(200, { result: { data } });
  } catch (error) {
    return refusal(error, ctx, route.name);
  }
}

/** The stock adapter with a body that was already read, bounded and announced as JSON. */
async function withCheckedBody(request: Request): Promise<Request> {
  if (request.method === 'GET' || request.method === 'HEAD') return request;
  const body = (await readText(request)) ?? '{}';
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  headers.delete('transfer-encoding');
  headers.set('content-type', 'application/json');
  return new Request(request.url, { method: request.method, headers, body, signal: request.signal });
}

async function stock(request: Request, ctx: ApiContext): Promise<Response> {
  return fetchRequestHandler({
    endpoint: ENDPOINT,
    req: await withCheckedBody(request),
    router: appRouter,
    createContext: () => ctx,
    maxBatchSize: MAX_BATCH_SIZE,
    responseMeta({ errors }) {
      const seconds = errors.map((error) => retryAfterSeconds(refusalOf(error, ctx))).filter((value) => value !== null);
      const headers: Record<string, string> = { 'cache-control': 'no-store' };
      if (seconds.length > 0) headers['retry-after'] = String(Math.max(...seconds));
      return { headers };
    },
  });
}

/** Whether one of the procedures of a batch sets the session cookie. */
function setsCookie(path: string): boolean {
  return path.split(',').some((name) => findRoute(name)?.meta.sets_cookie === true);
}

/** The same answer once all of it is there: headers that its procedures set cannot follow a head that is already on its way. */
async function wholeAnswer(response: Response): Promise<Response> {
  return new Response(await response.arrayBuffer(), { status: response.status, headers: response.headers });
}

/** Answers a request under /trpc; never throws. */
export async function handleTrpc(request: Request, ctx: ApiContext): Promise<Response> {
  const { url, method } = request;
  const start = url.indexOf(`${ENDPOINT}/`, url.indexOf('://') + 3) + ENDPOINT.length + 1;
  const mark = url.indexOf('?', start);
  const route = findRoute(url.slice(start, mark === -1 ? undefined : mark));
  ctx.request.route = route?.name ?? 'trpc.batch';
  try {
    if (method !== 'GET' && method !== 'POST') return wrongMethod('GET, POST', undefined);
    if (method === 'GET' && route?.type === 'mutation') return wrongMethod('POST', route.name);
    if (method === 'POST' && route?.type === 'query') return wrongMethod('GET', route.name);
    if (method === 'POST' && route?.type === 'mutation' && mark === -1) return await single(request, ctx, route);
    const response = await stock(request, ctx);
    return setsCookie(url.slice(start, mark === -1 ? undefined : mark)) ? await wholeAnswer(response) : response;
  } catch (error) {
    return refusal(error, ctx, undefined);
  }
}
