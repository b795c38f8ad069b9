import { initTRPC, tracked } from '@trpc/server';
import type { TrackedEnvelope } from '@trpc/server';
import type { Role } from '@tidemark/core/access/contract';
import type { CoreContext, RateClass } from '@tidemark/core/ports';
import { AppError } from '@tidemark/core/errors';
import { isLimited } from '@tidemark/core/lanes';
import type * as z from 'zod';
import { refusalOf, rpcErrorShape, toTrpcError } from './errors.ts';
import type { FailureLog } from './errors.ts';
import { audited } from './audited.ts';
import type { AuditMode } from './audited.ts';
import type { Actor } from './actor.ts';
import { shapeProblem } from './well-formed.ts';

/** What a procedure asks for; `public` asks for nothing. */
export type RequiredRole = Role | 'public';

/** Where a call comes from, as the server sees it. */
export interface ClientOrigin {
  readonly address: string | null;
  readonly user_agent: string | null;
}

/** The session cookie of the answer. */
export interface SessionCookie {
  keep(token: string, expires_at: string): void;
  drop(): void;
}

export interface ApiContext {
  readonly core: CoreContext;
  readonly actor: Actor;
  /** `route` is set by whoever finds the procedure, for logs and metrics. */
  readonly request: { readonly id: string; route: string };
  readonly client: ClientOrigin;
  readonly cookie: SessionCookie;
  /** Ways to sign in besides a password. */
  readonly has_oidc: boolean;
  /** Counts a call against the caller's budget; null where nothing is counted. @throws {AppError} RATE_LIMITED */
  readonly limit: ((rateClass: RateClass) => Promise<void>) | null;
  /** Who may call this server at all, and how that is changed. */
  readonly network: NetworkControl;
  readonly log: FailureLog;
  /** Aborted when the server starts to stop: parked calls answer, streams end. */
  readonly draining: AbortSignal;
  /** Counts a stream or a waiting call of the caller until its answer ends. @throws {AppError} RATE_LIMITED */
  readonly holdOpen: () => void;
  /** Aborts within five seconds after the caller lost what let them in; asked for by what lasts longer than an answer. */
  readonly accessLost: () => AbortSignal;
  /** Called after keys, people or sessions changed, so that the next request is judged by the new ones. */
  readonly accessChanged: () => void;
}

/** What a router may know and decide about the network before the server. */
export interface NetworkControl {
  readonly allow_at_start: readonly string[];
  readonly cors_origins_at_start: readonly string[];
  /** Whether an address could call with this list beside the one of the start. */
  wouldAllow(address: string, allow: readonly string[]): boolean;
  /** The lists changed; resolves when they hold here. */
  changed(): Promise<void>;
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

export interface RouteMeta {
  readonly method: Method;
  /** REST path with `{name}` parameters. */
  readonly path: `/${string}`;
  readonly summary: string;
  readonly description?: string;
  /** Path parameters whose name is not that of the input's field. */
  readonly params?: Readonly<Record<string, string>>;
  /** Status of success; 200 unless told. */
  readonly status?: 200 | 201 | 202;
  /** The `Idempotency-Key` header fills `idempotency_key`. */
  readonly has_idempotency_key?: boolean;
  /** A subscription that yields text: REST answers with the text itself, piece by piece, instead of with events. */
  readonly content_type?: string;
  /** The text is base64 of a file: REST answers with its bytes. */
  readonly is_base64?: boolean;
  /** Text that REST takes as the body itself, in the place of a field of the JSON; the other fields come from the query. */
  readonly text_body?: { readonly field: string; readonly content_type: string; readonly max_bytes: number };
  /** Which budget a call is taken from, where the role and the method do not tell. */
  readonly rate_class?: RateClass;
  /** Anybody may keep the answer this long; without it, nobody keeps it. */
  readonly cache_seconds?: number;
  /** How its calls enter the audit log, where the role does not tell; see `auditModeOf`. */
  readonly audit?: AuditMode;
  /** A key with limits may call it: it keeps to them itself. */
  readonly keeps_limits?: boolean;
  /** The answer carries the session cookie, so its head waits for its end. */
  readonly sets_cookie?: boolean;
  readonly examples?: { readonly input?: unknown; readonly output?: unknown };
}
export interface ProcedureMeta extends RouteMeta {
  readonly role: RequiredRole;
}

const t = initTRPC
  .context<ApiContext>()
  .meta<ProcedureMeta>()
  .create({
    isDev: false,
    sse: { ping: { enabled: true, intervalMs: 3000 }, client: { reconnectAfterInactivityMs: 9000 } },
    errorFormatter({ error, ctx, path }) {
      const scope = ctx ?? { request: { id: 'unknown' }, log: { error: () => undefined } };
      return rpcErrorShape(refusalOf(error, scope), path);
    },
  });

const RANK = { viewer: 1, operator: 2, admin: 3 } as const;

/** Null when the actor may call what asks for `required`, else the refusal. */
export function roleProblem(actor: Actor, required: RequiredRole): AppError | null {
  if (required === 'public') return null;
  const held = actor.role;
  if (held === null) {
    return new AppError('UNAUTHORIZED', 'Sign in, or send an API key as "Authorization: Bearer <key>" or "x-api-key: <key>".');
  }
  const isAllowed = required === 'worker' ? held === 'worker' || held === 'admin' : held !== 'worker' && RANK[held] >= RANK[required];
  return isAllowed
    ? null
    : new AppError(
        'FORBIDDEN',
        `This needs the role ${required}; ${actor.kind === 'user' ? 'you have' : 'this key has'} the role ${held}.`,
        { data: { required, role: held } },
      );
}

/** The budget a call is taken from. */
export function rateClassOf(meta: ProcedureMeta): RateClass {
  if (meta.rate_class !== undefined) return meta.rate_class;
  if (meta.role === 'worker') return 'agent';
  return meta.method === 'GET' ? 'read' : 'write';
}

/** What is refused to keys with limits: all that does not keep to them. */
export function limitProblem(actor: Actor, meta: ProcedureMeta): AppError | null {
  if (meta.role === 'public' || meta.keeps_limits === true || !isLimited(actor)) return null;
  return new AppError('FORBIDDEN', 'This key is limited to some queues or kinds, and this call is about more than those.', {
    data: { reason: 'limits', queues: actor.queues, kinds: actor.kinds },
  });
}

/** No input at all is an input without fields: what has only optional ones may be called with nothing. */
export function fieldsOf(input: unknown): unknown {
  return input === undefined ? {} : input;
}

/** Null when the call may go on to its schema: the role is looked at first, then the shape of the input. */
export function admissionProblem(ctx: ApiContext, meta: ProcedureMeta, input: unknown): AppError | null {
  return roleProblem(ctx.actor, meta.role) ?? limitProblem(ctx.actor, meta) ?? shapeProblem(input);
}

/**
 * The same stream, each of whose answers counts as waited for. tRPC asks for the next event before the last one is taken, and drops that
 * question when its reader leaves or is slow: a stream that fails meanwhile would be a rejection of nobody, which ends a process. The
 * failure still reaches whoever does wait.
 */
function attended(events: unknown): unknown {
  if (typeof events !== 'object' || events === null || !(Symbol.asyncIterator in events)) return events;
  const iterator = (events as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  return {
    next(): Promise<IteratorResult<unknown>> {
      const answer = iterator.next();
      answer.catch(() => undefined);
      return answer;
    },
    return: async (): Promise<IteratorResult<unknown>> => (await iterator.return?.()) ?? { done: true, value: undefined },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const guard = t.middleware(async ({ ctx, meta, path, type, getRawInput, next }) => {
  if (meta === undefined) throw new Error('a procedure without a route and a role');
  if (ctx.limit !== null) await ctx.limit(rateClassOf(meta));
  const input = fieldsOf(await getRawInput());
  const run = async () => {
    const problem = admissionProblem(ctx, meta, input);
    if (problem !== null) throw toTrpcError(problem);
    const result = await next({ getRawInput: () => Promise.resolve(input) });
    if (result.ok) return type === 'subscription' ? { ...result, data: attended(result.data) } : result;
    throw toTrpcError(refusalOf(result.error, ctx));
  };
  if (type !== 'mutation') return run();
  return audited(ctx, { name: path, meta }, { input, run, answerOf: ({ data }) => data });
});

const guarded = t.procedure.use(guard);

export const router = t.router;
export const mergeRouters = t.mergeRouters;

/** The builders of procedures: the role is part of the name, so none can be forgotten. */
export const publicRoute = (meta: RouteMeta) => guarded.meta({ ...meta, role: 'public' });
export const viewer = (meta: RouteMeta) => guarded.meta({ ...meta, role: 'viewer' });
export const operator = (meta: RouteMeta) => guarded.meta({ ...meta, role: 'operator' });
export const admin = (meta: RouteMeta) => guarded.meta({ ...meta, role: 'admin' });
export const worker = (meta: RouteMeta) => guarded.meta({ ...meta, role: 'worker' });

/** A parser of outputs that carries its schema for the OpenAPI document. */
export interface OutputShape<Schema extends z.ZodType> {
  (value: unknown): z.output<Schema>;
  readonly schema: Schema;
}

// Core answers with exactly the contract's shape; walking each answer again costs more than making it. Tests do walk it.
const isChecking = process.env['NODE_ENV'] === 'test';

/** Declares the shape of an answer: typed always, checked at run time in tests only. */
export function shape<Schema extends z.ZodType>(schema: Schema): OutputShape<Schema> {
  // The compiler has already proved the resolver's type equal to the schema's output.
  const parse = (value: unknown): z.output<Schema> => (isChecking ? schema.parse(value) : (value as z.output<Schema>));
  return Object.assign(parse, { schema });
}

/**
 * For what lasts longer than an answer: counted, and ended with the caller's connection, with their right to be here, or with the
 * server, whichever is first. @throws {AppError} RATE_LIMITED when the caller has too many open
 */
export function callSignal(ctx: ApiContext, signal: AbortSignal | undefined): AbortSignal {
  ctx.holdOpen();
  const ends = [ctx.draining, ctx.accessLost()];
  return AbortSignal.any(signal === undefined ? ends : [signal, ...ends]);
}

/** What ended a stream that failed or ended by itself: nothing to tell when the server goes, a refusal when access was lost. */
function tellEnd(ctx: ApiContext): void {
  if (!ctx.accessLost().aborted || ctx.draining.aborted) return;
  throw toTrpcError(
    new AppError('UNAUTHORIZED', 'What let you in no longer does, so this stream ends here.', { data: { reason: 'access_lost' } }),
  );
}

/** Yields what has no id to resume from. */
export async function* plainEvents<Event>(ctx: ApiContext, events: AsyncIterable<Event>): AsyncGenerator<Event, void> {
  try {
    for await (const event of events) yield event;
  } catch (error) {
    if (ctx.draining.aborted) return;
    tellEnd(ctx);
    throw toTrpcError(refusalOf(error, ctx));
  }
  tellEnd(ctx);
}

/** Yields events under their own ids, so that a client resumes after the last one it saw. */
export async function* trackedEvents<Event extends { id: string }>(
  ctx: ApiContext,
  events: AsyncIterable<Event>,
): AsyncGenerator<TrackedEnvelope<Event>, void> {
  try {
    for await (const event of events) yield tracked(event.id, event);
  } catch (error) {
    if (ctx.draining.aborted) return;
    tellEnd(ctx);
    throw toTrpcError(refusalOf(error, ctx));
  }
  tellEnd(ctx);
}
