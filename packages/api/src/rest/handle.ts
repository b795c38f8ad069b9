import { AppError, invalid } from '@tidemark/core/errors';
import { refusalOf } from '../errors.ts';
import type { ApiContext } from '../trpc.ts';
import { jsonAnswer, refusalAnswer } from './answer.ts';
import { isOwnText, parseJson, readText } from './body.ts';
import { coerceQuery } from './coerce.ts';
import { matchRoute } from './routes.ts';
import type { PathParams, Route } from './routes.ts';
import { liveAnswer } from './live.ts';
import { cacheableAnswer, textAnswer } from './text.ts';

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One value from two places: the same or one of them, never a silent choice. */
function fill(input: Record<string, unknown>, field: string, value: string): void {
  const sent = Object.hasOwn(input, field) ? input[field] : undefined;
  if (sent !== undefined && sent !== value) throw invalid(field, 'is given twice with different values');
  input[field] = value;
}

async function bodyInput(route: Route, request: Request): Promise<Record<string, unknown>> {
  const rule = route.meta.text_body;
  const text = await readText(request, rule);
  if (rule !== undefined && isOwnText(request, rule)) return { [rule.field]: text ?? '' };
  const body = text === null ? {} : parseJson(text);
  if (!isPlainObject(body))
    throw new AppError('VALIDATION', 'The body must be a JSON object.', { issues: [{ path: '', message: 'must be an object' }] });
  const key = route.meta.has_idempotency_key === true ? request.headers.get('idempotency-key') : null;
  if (key !== null) fill(body, 'idempotency_key', key);
  return body;
}

function queryInput(route: Route, request: Request, query: string): Record<string, unknown> {
  const parameters = new URLSearchParams(query);
  if (route.type !== 'subscription') return coerceQuery(route.input, parameters);
  const last = request.headers.get('last-event-id') ?? parameters.get('last_event_id');
  parameters.delete('last_event_id');
  const input = coerceQuery(route.input, parameters);
  if (last !== null && last !== '') input['lastEventId'] = last;
  return input;
}

async function inputOf(route: Route, request: Request, { query, params }: { query: string; params: PathParams }): Promise<unknown> {
  const hasBody = route.meta.method !== 'GET' && route.meta.method !== 'DELETE';
  const input = hasBody ? await bodyInput(route, request) : queryInput(route, request, query);
  for (const [field, value] of Object.entries(params)) fill(input, field, value);
  if (hasBody && query !== '')
    for (const [field, value] of Object.entries(coerceQuery(route.input, new URLSearchParams(query)))) input[field] ??= value;
  return route.input === null ? undefined : input;
}

/** Path and query as sent; a URL object would cost more than the routing. */
function splitUrl(url: string): { path: string; query: string } {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  const target = start === -1 ? '/' : url.slice(start);
  const mark = target.indexOf('?');
  return mark === -1 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

async function answer(route: Route, request: Request, call: { ctx: ApiContext; query: string; params: PathParams }): Promise<Response> {
  const { ctx } = call;
  const input = await inputOf(route, request, call);
  const options = { ctx, path: route.name, type: route.type, getRawInput: () => Promise.resolve(input), batchIndex: 0 };
  const { content_type, cache_seconds } = route.meta;
  if (content_type !== undefined) {
    const pieces = await route.call({ ...options, signal: request.signal });
    if (cache_seconds !== undefined) return cacheableAnswer(request, { pieces, content_type, cache_seconds });
    return textAnswer(ctx, { pieces, content_type, is_base64: route.meta.is_base64 === true });
  }
  if (route.type === 'subscription') return liveAnswer(ctx, (signal) => route.call({ ...options, signal }), { gone: request.signal });
  const output = await route.call({ ...options, signal: request.signal });
  const kept = cache_seconds === undefined ? undefined : { 'cache-control': `public, max-age=${cache_seconds}` };
  return jsonAnswer(route.meta.status ?? 200, output ?? null, kept);
}

/** Answers a REST request; never throws. */
export async function handleRest(request: Request, ctx: ApiContext): Promise<Response> {
  const { path, query } = splitUrl(request.url);
  const match = matchRoute(request.method === 'HEAD' ? 'GET' : request.method, path);
  if (match === null) return refusalAnswer(new AppError('NOT_FOUND', 'There is no such path. The API is described at /openapi.json.'));
  if ('allow' in match || (request.method === 'HEAD' && match.route.type === 'subscription')) {
    const methods = 'allow' in match ? match.allow.join(', ') : 'GET';
    return refusalAnswer(new AppError('VALIDATION', `This path answers to ${methods} only.`), { status: 405, headers: { allow: methods } });
  }
  ctx.request.route = match.route.name;
  try {
    return await answer(match.route, request, { ctx, query, params: match.params });
  } catch (error) {
    return refusalAnswer(refusalOf(error, ctx));
  }
}
