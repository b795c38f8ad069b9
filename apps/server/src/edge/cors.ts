import type { ServerResponse } from 'node:http';

const PREFLIGHT_SECONDS = 600;
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const REQUEST_HEADERS = 'authorization, content-type, idempotency-key, last-event-id, trpc-accept, x-api-key, x-request-id';
const ANSWER_HEADERS = 'allow, content-disposition, ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, x-request-id';

/** Lets pages of a listed origin read answers. Never with credentials: such pages send a key, not a cookie. */
export function allowOrigin(outgoing: ServerResponse, origin: string): void {
  outgoing.setHeader('access-control-allow-origin', origin);
  outgoing.setHeader('access-control-expose-headers', ANSWER_HEADERS);
  outgoing.setHeader('cross-origin-resource-policy', 'cross-origin');
  outgoing.appendHeader('vary', 'origin');
}

/** The answer to a browser that asks first; null when the request is something else. */
export function preflightAnswer(request: Request): Response | null {
  if (request.method !== 'OPTIONS' || !request.headers.has('access-control-request-method')) return null;
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': REQUEST_HEADERS,
      'access-control-max-age': String(PREFLIGHT_SECONDS),
    },
  });
}
