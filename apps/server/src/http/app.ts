import type { HttpBindings } from '@hono/node-server';
import {
  handleRest,
  handleTrpc,
  isRestPath,
  jsonAnswer,
  openApiDocument,
  refusalAnswer,
  refusalOf,
  roleProblem,
  rpcRefusalAnswer,
} from '@tidemark/api/server';
import type { Actor, ApiContext } from '@tidemark/api/server';
import { AppError } from '@tidemark/core/errors';
import type { IdentityProvider } from '@tidemark/core/ports';
import { Hono } from 'hono';
import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { AccessGate } from '../access-gate.ts';
import type { Caller } from '../edge/caller.ts';
import { allowOrigin, preflightAnswer } from '../edge/cors.ts';
import type { Edge } from '../edge/edge.ts';
import { requireTls } from '../edge/security-headers.ts';
import type { AccessWatch } from '../access-watch.ts';
import type { Metrics } from '../metrics.ts';
import { readiness } from '../readiness.ts';
import type { Core } from '../core.ts';
import { referenceAnswer } from './api-reference.ts';
import { PROVIDER_PATHS, providerAnswer } from './provider-sign-in.ts';
import { requestIdOf } from './request-id.ts';
import { isFromTls, sessionCookieOf } from './session-cookie.ts';
import { webAnswer } from './web-app.ts';

/** What the HTTP side is made of. */
export interface Host {
  readonly core: Core;
  readonly edge: Edge;
  readonly gate: AccessGate;
  readonly watch: AccessWatch;
  /** Where people sign in besides here; null: nowhere. */
  readonly provider: IdentityProvider | null;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly draining: AbortSignal;
  /** Folder of the built web app. */
  readonly web_dir: string;
}

interface Env {
  Bindings: HttpBindings;
}

/** What a request came over, and its answer goes out by. */
type Connection = Pick<Caller, 'base_path'> & { readonly outgoing: HttpBindings['outgoing'] };

type Answer = (request: Request, ctx: ApiContext, connection: Connection) => Promise<Response> | Response;
type Refuse = (refusal: AppError, request: Request) => Response;

/** One request with what its connection tells. */
interface Call {
  readonly id: string;
  readonly caller: Caller;
  readonly outgoing: HttpBindings['outgoing'];
  readonly answer: Answer;
  readonly refuse: Refuse;
}

const READ_METHODS = new Set(['GET', 'HEAD']);

async function actorOf({ gate, edge }: Host, request: Request, caller: Caller): Promise<Actor> {
  try {
    return await gate.actorOf(request, caller);
  } catch (error) {
    if (error instanceof AppError && error.code === 'UNAUTHORIZED') await edge.countGuess(caller);
    throw error;
  }
}

async function answerFor(host: Host, request: Request, { id, caller, outgoing, answer, refuse }: Call): Promise<Response> {
  const started = performance.now();
  const scope = { request: { id, route: 'other' }, log: host.log };
  let response: Response;
  let lost: AbortSignal | undefined;
  try {
    if (host.draining.aborted)
      throw new AppError('UNAVAILABLE', 'The server is stopping. Try again in a moment.', { data: { retry_after_seconds: 2 } });
    const stranger = host.edge.networkProblem(caller);
    if (stranger !== null) throw stranger;
    const actor = await actorOf(host, request, caller);
    response = await answer(
      request,
      {
        core: host.core,
        actor,
        request: scope.request,
        client: { address: caller.address, user_agent: request.headers.get('user-agent') },
        cookie: sessionCookieOf(outgoing, isFromTls(request)),
        has_oidc: host.provider !== null,
        holdOpen: () => host.edge.holdOpen(actor, caller, outgoing),
        accessLost: () => (lost ??= host.watch.lost({ request, caller, actor, outgoing })),
        limit: host.edge.limitOf(actor, caller, outgoing),
        network: host.edge.control,
        log: host.log,
        draining: host.draining,
        accessChanged: host.gate.accessChanged,
      },
      { base_path: caller.base_path, outgoing },
    );
  } catch (error) {
    response = refuse(refusalOf(error, scope), request);
  }
  const seconds = (performance.now() - started) / 1000;
  host.metrics.observe(scope.request.route, response.status, seconds);
  if (host.log.isLevelEnabled('debug')) {
    host.log.debug(
      {
        request_id: id,
        method: request.method,
        route: scope.request.route,
        status: response.status,
        duration_ms: Math.round(seconds * 1000),
      },
      'request',
    );
  }
  return response;
}

/** Wraps an answer with a request id, security headers, the gate, and the clock. */
function serve(host: Host, answer: Answer, refuse: Refuse = (refusal) => refusalAnswer(refusal)) {
  return (c: Context<Env>): Promise<Response> => {
    const request = c.req.raw;
    const id = requestIdOf(request.headers.get('x-request-id'));
    const { incoming, outgoing } = c.env;
    const caller = host.edge.callerOf(incoming);
    outgoing.setHeader('x-request-id', id);
    if (caller.scheme === 'https') requireTls(outgoing);
    if (host.draining.aborted) outgoing.setHeader('connection', 'close');
    const origin = request.headers.get('origin');
    if (origin !== null && host.edge.isReader(origin)) {
      allowOrigin(outgoing, origin);
      const preflight = preflightAnswer(request);
      if (preflight !== null) return Promise.resolve(preflight);
    }
    return answerFor(host, request, { id, caller, outgoing, answer, refuse });
  };
}

function pathOf(request: Request): string {
  return new URL(request.url).pathname;
}

async function metricsAnswer(host: Host, ctx: ApiContext): Promise<Response> {
  const problem = roleProblem(ctx.actor, 'viewer');
  if (problem !== null) return refusalAnswer(problem);
  return new Response(await host.metrics.text(), { headers: { 'content-type': host.metrics.contentType, 'cache-control': 'no-store' } });
}

/** Everything that is no tRPC call and no fixed page: REST where the router or its folders say so, else the web app. */
async function otherAnswer(host: Host, request: Request, { ctx, base_path }: { ctx: ApiContext; base_path: string }): Promise<Response> {
  const path = pathOf(request);
  if (isRestPath(path)) return handleRest(request, ctx);
  if (path.startsWith('/docs') && READ_METHODS.has(request.method)) {
    const reference = await referenceAnswer(path, base_path);
    if (reference !== null) return reference;
  }
  return webAnswer(request, { root: host.web_dir, path, base_path });
}

/** Every path of the server. */
export function createApp(host: Host): Hono<Env> {
  const openApi = JSON.stringify(openApiDocument());
  const app = new Hono<Env>();
  app.all('/trpc/*', serve(host, handleTrpc, rpcRefusalAnswer));
  for (const path of Object.values(PROVIDER_PATHS)) {
    app.get(
      path,
      serve(host, (request, ctx, connection) => providerAnswer(ctx, { ...connection, request, provider: host.provider })),
    );
  }
  app.all('/v1/*', serve(host, handleRest));
  app.get('/healthz', () => jsonAnswer(200, { status: 'ok' }));
  app.get('/readyz', () => readiness(host.core, host.draining));
  app.get(
    '/metrics',
    serve(host, (_request, ctx) => metricsAnswer(host, ctx)),
  );
  app.get(
    '/openapi.json',
    serve(
      host,
      () => new Response(openApi, { headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache' } }),
    ),
  );
  app.all(
    '*',
    serve(host, (request, ctx, { base_path }) => otherAnswer(host, request, { ctx, base_path })),
  );
  app.onError((error) => refusalAnswer(refusalOf(error, { request: { id: 'unknown' }, log: host.log })));
  return app;
}
