import type { AppError } from '@tidemark/core/errors';
import { errorBody, retryAfterSeconds, rpcErrorShape, wireOf } from '../errors.ts';

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };

export function jsonAnswer(status: number, body: unknown, headers?: Record<string, string>): Response {
  return new Response(JSON.stringify(body), { status, headers: headers === undefined ? JSON_HEADERS : { ...JSON_HEADERS, ...headers } });
}

/** What a refusal says in headers, the same for REST and RPC. */
export function refusalHeaders(refusal: AppError): Record<string, string> {
  const headers: Record<string, string> = {};
  const seconds = retryAfterSeconds(refusal);
  if (seconds !== null) headers['retry-after'] = String(seconds);
  if (refusal.code === 'UNAUTHORIZED') headers['www-authenticate'] = 'Bearer';
  // The rest of the body was not read, so the connection cannot carry another request.
  if (refusal.code === 'PAYLOAD_TOO_LARGE') headers['connection'] = 'close';
  return headers;
}

/** A refusal as REST writes it; `status` only where HTTP has a finer one than the code. */
export function refusalAnswer(refusal: AppError, extra: { status?: number; headers?: Record<string, string> } = {}): Response {
  return jsonAnswer(extra.status ?? wireOf(refusal).status, errorBody(refusal), { ...refusalHeaders(refusal), ...extra.headers });
}

/**
 * A refusal of a whole RPC request, before any procedure is known: what tRPC's clients read, with the fields of the REST body
 * beside it. A batch gets it once per call.
 */
export function rpcRefusalAnswer(refusal: AppError, request: Request): Response {
  const envelope = { ...errorBody(refusal), error: rpcErrorShape(refusal, undefined) };
  const { pathname, searchParams } = new URL(request.url);
  const isBatch = searchParams.get('batch') === '1';
  const body = isBatch ? pathname.split(',').map(() => envelope) : envelope;
  return jsonAnswer(wireOf(refusal).status, body, refusalHeaders(refusal));
}
