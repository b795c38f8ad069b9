import { appRouter } from '@tidemark/api/server';
import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server';
import * as z from 'zod';
import { type Around, sampleInput, type Schema, spoil, writeJson } from './make-input.ts';
import { ODD_BODIES, ODD_TYPES, ODD_VALUES } from './odd-values.ts';

/** A procedure as a caller from outside knows it. */
export interface Target {
  readonly name: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly schema: Schema;
}

/** One request to be sent. */
export interface Call {
  readonly target: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

interface Meta {
  method: string;
  path: string;
  params?: Record<string, string>;
}

/** Every procedure of the router. */
export function listTargets(): Target[] {
  const anyRouter: AnyTRPCRouter = appRouter;
  return Object.entries<AnyTRPCProcedure>(anyRouter._def.procedures).map(([name, { _def: def }]) => {
    const { method, path, params = {} } = def.meta as Meta;
    const [input] = def.inputs;
    const schema = input instanceof z.ZodType ? z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) : {};
    return { name, type: def.type, method, path, params, schema };
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : writeJson(value);
}

function queryOf(input: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input)) {
    for (const entry of Array.isArray(value) ? (value as unknown[]) : [value]) query.append(name, textOf(entry).slice(0, 2000));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`.slice(0, 12_000);
}

const JSON_TYPE = { 'content-type': 'application/json' };

function restCall(target: Target, value: unknown, { random }: Around): Call {
  const input: Record<string, unknown> = typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  const path = target.path.replaceAll(/\{([a-z_]+)\}/g, (_match, name: string) => {
    const field = target.params[name] ?? name;
    const part = input[field] ?? random.pick(ODD_VALUES);
    Reflect.deleteProperty(input, field);
    return encodeURIComponent(textOf(part).toWellFormed()).slice(0, 3000);
  });
  const base = { target: target.name, method: target.method };
  if (target.method === 'GET' || target.method === 'DELETE') return { ...base, path: path + queryOf(input), headers: {}, body: null };
  return { ...base, path, headers: JSON_TYPE, body: writeJson(Object.keys(input).length === 0 ? value : input) };
}

function rpcCall(target: Target, value: unknown): Call {
  const path = `/trpc/${target.name}`;
  if (target.type === 'mutation') return { target: target.name, method: 'POST', path, headers: JSON_TYPE, body: writeJson(value) };
  const input = encodeURIComponent(writeJson(value).toWellFormed()).slice(0, 12_000);
  return { target: target.name, method: 'GET', path: `${path}?input=${input}`, headers: {}, body: null };
}

/** Several calls in one request, of any kinds. */
function batchCall(targets: readonly Target[], around: Around): Call {
  const { random } = around;
  const chosen = Array.from({ length: random.between(2, 22) }, () => random.pick(targets));
  const names = chosen.map(({ name }) => name).join(',');
  const body = writeJson(
    Object.fromEntries(chosen.map(({ schema }, index) => [index, spoil(sampleInput(schema, inside(around, schema)), random)])),
  );
  if (random.next() < 0.5) return { target: 'batch', method: 'POST', path: `/trpc/${names}?batch=1`, headers: JSON_TYPE, body };
  const input = encodeURIComponent(body.toWellFormed()).slice(0, 12_000);
  return { target: 'batch', method: 'GET', path: `/trpc/${names}?batch=1&input=${input}`, headers: {}, body: null };
}

function inside(around: Around, schema: Schema): Around {
  const definitions = schema['$defs'];
  return { ...around, definitions: typeof definitions === 'object' && definitions !== null ? (definitions as Schema) : {} };
}

/** The same call announced as something else, with another method, or with another body. */
function distort(call: Call, { random }: Around): Call {
  const way = random.between(0, 3);
  if (way === 0) return { ...call, headers: { ...call.headers, 'content-type': random.pick(ODD_TYPES) } };
  if (way === 1 && call.body !== null) return { ...call, body: random.pick(ODD_BODIES) };
  if (way === 2)
    return { ...call, headers: { ...call.headers, 'last-event-id': random.pick(['', '-1', '1e30', 'x.y', '0.99999999999999999999']) } };
  const method = random.pick(['PUT', 'PATCH', 'DELETE', 'POST', 'OPTIONS', 'HEAD']);
  return { ...call, method, body: method === 'HEAD' ? null : call.body };
}

/** The next request: half of them could be meant, the other half are not. */
export function makeCall(targets: readonly Target[], around: Around): Call {
  const { random } = around;
  if (random.next() < 0.03) return batchCall(targets, around);
  const target = random.pick(targets);
  const fitting = sampleInput(target.schema, inside(around, target.schema));
  const value = random.next() < 0.45 ? fitting : spoil(fitting, random);
  const call = random.next() < 0.6 ? restCall(target, value, around) : rpcCall(target, value);
  return random.next() < 0.06 ? distort(call, around) : call;
}
