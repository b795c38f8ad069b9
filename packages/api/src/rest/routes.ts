import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server';
import { validationError } from '@tidemark/core/errors';
import * as z from 'zod';
import { audited, setReader } from '../audited.ts';
import type { Audited } from '../audited.ts';
import { appRouter } from '../router.ts';
import { admissionProblem, fieldsOf, rateClassOf } from '../trpc.ts';
import type { ApiContext, OutputShape, ProcedureMeta } from '../trpc.ts';

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** How the REST mirror calls a procedure: with the raw input, so that it is parsed exactly once. */
export interface CallOptions {
  readonly ctx: ApiContext;
  readonly path: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly getRawInput: () => Promise<unknown>;
  readonly signal: AbortSignal | undefined;
  readonly batchIndex: number;
}

/** One procedure as REST sees it. */
export interface Route {
  /** Dotted tRPC path. */
  readonly name: string;
  readonly type: CallOptions['type'];
  readonly meta: ProcedureMeta;
  readonly segments: readonly string[];
  readonly input: z.ZodType | null;
  readonly output: z.ZodType | null;
  readonly call: (options: CallOptions) => Promise<unknown>;
}

function outputOf(parser: unknown): z.ZodType | null {
  if (parser instanceof z.ZodType) return parser;
  if (typeof parser === 'function' && 'schema' in parser) return (parser as OutputShape<z.ZodType>).schema;
  return null;
}

type Resolver = (options: { ctx: ApiContext; input: unknown; signal: AbortSignal | undefined }) => unknown;

/** What the library keeps of a procedure besides what its types say. */
interface Internals {
  readonly resolver?: Resolver;
  readonly output?: unknown;
}

/**
 * The same admission, schema and resolver as the procedure, without the chain of middlewares in between, which copies the
 * call's options at every step: 45 µs of CPU for a small report over HTTP, against 27. What it does not know is called as it is.
 */
function directCall(procedure: AnyTRPCProcedure, { name, meta }: Audited): Route['call'] {
  const { resolver, output } = procedure._def as Internals;
  const [input] = procedure._def.inputs;
  const isKnown = procedure._def.inputs.length === 1 && input instanceof z.ZodType;
  if (resolver === undefined || !isKnown) return procedure;
  const check =
    output instanceof z.ZodType
      ? (value: unknown) => output.parse(value)
      : typeof output === 'function'
        ? (output as (value: unknown) => unknown)
        : null;
  const rateClass = rateClassOf(meta);
  const answer = async (raw: unknown, ctx: ApiContext, signal: AbortSignal | undefined): Promise<unknown> => {
    const problem = admissionProblem(ctx, meta, raw);
    if (problem !== null) throw problem;
    const parsed = input.safeParse(raw);
    if (!parsed.success) throw validationError(parsed.error);
    const result = await resolver({ ctx, input: parsed.data, signal });
    return check === null ? result : check(result);
  };
  const isChange = procedure._def.type === 'mutation';
  return async ({ ctx, getRawInput, signal }) => {
    if (ctx.limit !== null) await ctx.limit(rateClass);
    const raw = fieldsOf(await getRawInput());
    if (!isChange) return answer(raw, ctx, signal);
    return audited(ctx, { name, meta }, { input: raw, run: () => answer(raw, ctx, signal), answerOf: (result) => result });
  };
}

function routeOf(name: string, procedure: AnyTRPCProcedure): Route {
  const { _def: def } = procedure;
  // Set by the builders of trpc.ts; the library types meta and output of a built procedure as unknown.
  const meta = def.meta as ProcedureMeta | undefined;
  if (meta === undefined) throw new Error(`${name} has no REST path`);
  const [input] = def.inputs;
  return {
    name,
    type: def.type,
    meta,
    segments: meta.path.split('/').slice(1),
    input: input instanceof z.ZodType ? input : null,
    output: outputOf('output' in def ? def.output : undefined),
    call: directCall(procedure, { name, meta }),
  };
}

const anyRouter: AnyTRPCRouter = appRouter;

/** Every procedure of the router, in the order of its definition. */
export const ROUTES: readonly Route[] = Object.entries<AnyTRPCProcedure>(anyRouter._def.procedures).map(([name, procedure]) =>
  routeOf(name, procedure),
);

/** The query that shows what a mutation changes: its sibling `get`, or `getX` of a `setX`. */
function readerOf(route: Route): Route | undefined {
  const at = route.name.lastIndexOf('.');
  const verb = route.name.slice(at + 1).replace(/^set(?=[A-Z])/, 'get');
  const group = route.name.slice(0, at);
  return ROUTES.find(({ name, type }) => type === 'query' && (name === `${group}.${verb}` || name === `${group}.get`));
}

for (const route of ROUTES) {
  const { input, call, name } = readerOf(route) ?? {};
  if (route.type !== 'mutation' || !(input instanceof z.ZodObject) || call === undefined || name === undefined) continue;
  setReader(route.name, (ctx, given) => {
    const known = Object.entries(given ?? {}).filter(([field]) => Object.hasOwn(input.shape, field));
    const raw = Object.fromEntries(known);
    const options = { path: name, type: 'query' as const, getRawInput: () => Promise.resolve(raw), signal: undefined, batchIndex: 0 };
    return call({ ...options, ctx: { ...ctx, limit: null } });
  });
}

const byName = new Map(ROUTES.map((route) => [route.name, route]));

export function findRoute(name: string): Route | null {
  return byName.get(name) ?? null;
}

export type PathParams = Readonly<Record<string, string>>;
export type Match = { readonly route: Route; readonly params: PathParams } | { readonly allow: readonly string[] };

const NO_PARAMS: PathParams = {};
const fixed = new Map<string, Route[]>();
const withParams = new Map<number, Route[]>();
for (const route of ROUTES) {
  const isFixed = !route.meta.path.includes('{');
  if (isFixed) fixed.set(route.meta.path, [...(fixed.get(route.meta.path) ?? []), route]);
  else withParams.set(route.segments.length, [...(withParams.get(route.segments.length) ?? []), route]);
}

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

/** The path's parameters under the names of the input's fields, or null when the path is another one. */
function paramsOf(route: Route, segments: readonly string[]): PathParams | null {
  const params: Record<string, string> = {};
  for (const [index, pattern] of route.segments.entries()) {
    const segment = segments[index] ?? '';
    if (!pattern.startsWith('{')) {
      if (pattern !== segment) return null;
      continue;
    }
    const value = segment === '' ? null : decode(segment);
    if (value === null) return null;
    const name = pattern.slice(1, -1);
    params[route.meta.params?.[name] ?? name] = value;
  }
  return params;
}

/** The route of a request, the methods its path allows, or null when there is no such path. A fixed path wins over a parameter. */
export function matchRoute(method: string, path: string): Match | null {
  const allow: string[] = [];
  for (const route of fixed.get(path) ?? []) {
    if (route.meta.method === method) return { route, params: NO_PARAMS };
    allow.push(route.meta.method);
  }
  const isFixed = allow.length > 0;
  const segments = path.split('/').slice(1);
  for (const route of withParams.get(segments.length) ?? []) {
    const params = paramsOf(route, segments);
    if (params === null) continue;
    if (route.meta.method === method && !isFixed) return { route, params };
    allow.push(route.meta.method);
  }
  return allow.length === 0 ? null : { allow: [...new Set(allow)] };
}

/** Whether a path belongs to the API, so that a miss there is an error and not a page. */
export function isRestPath(path: string): boolean {
  return path.startsWith('/v1/') || path.startsWith('/api/') || matchRoute('', path) !== null;
}
