import type { AuditDraft } from '@tidemark/core/ports';
import { refusalOf } from './errors.ts';
import type { ApiContext, ProcedureMeta } from './trpc.ts';

/** A mutation as the audit log names it. */
export interface Audited {
  readonly name: string;
  readonly meta: ProcedureMeta;
}

/** How a procedure is audited: each call before its answer, counted behind it, or its refusals for lack of permission only. */
export type AuditMode = 'each' | 'counted' | 'refusals';

/** Reads what a mutation is about to change; null when there is nothing to read. */
export type Reader = (ctx: ApiContext, input: unknown) => Promise<unknown>;

const readers = new Map<string, Reader>();

/** Tells how the state before and after a mutation is read. */
export function setReader(name: string, reader: Reader): void {
  readers.set(name, reader);
}

const describers = new Map<string, (answer: unknown) => Fields>();

/** Tells what a counted mutation is about, beyond its target; what is described alike is counted together. */
export function setDescriber(name: string, describer: (answer: unknown) => Fields): void {
  describers.set(name, describer);
}

export function auditModeOf(meta: ProcedureMeta): AuditMode {
  return meta.audit ?? (meta.role === 'worker' ? 'refusals' : 'each');
}

type Fields = Readonly<Record<string, unknown>>;

const TARGET_FIELDS = ['id', 'test_id', 'worker_id', 'job_id', 'platform', 'key', 'queue', 'name'];
const TARGET = /^[A-Za-z0-9@._:-]{1,128}$/;
const MAX_VALUE_CHARS = 120;
const MAX_FIELDS = 30;
/** What may hold a secret, or much text: that it changed is told, not what to. */
const CLOSED =
  /secret|password|token|^key$|^value$|^text$|hash|payload|output|checkpoint|progress|body|headers|config|url|steps|env|script|source|content|error/i;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function targetOf(input: unknown, answer: unknown): string | null {
  const places = [fieldsOf(answer), fieldsOf(fieldsOf(answer)['user']), fieldsOf(input)];
  for (const place of places) {
    for (const field of TARGET_FIELDS) {
      const value = Object.hasOwn(place, field) ? place[field] : undefined;
      if (typeof value === 'string' && TARGET.test(value)) return value;
    }
  }
  return null;
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.length <= 20 && value.every((entry) => isPlain(entry) && typeof entry !== 'object');
  return value === null || value === undefined || typeof value !== 'object';
}

function told(field: string, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (CLOSED.test(field) || !isPlain(value)) return '…';
  return typeof value === 'string' ? value.slice(0, MAX_VALUE_CHARS) : value;
}

/** The fields that differ, each as [before, after]. */
function changesOf(before: unknown, after: unknown): string | null {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const changed = names.filter((name) => JSON.stringify(old[name] ?? null) !== JSON.stringify(now[name] ?? null)).slice(0, MAX_FIELDS);
  if (changed.length === 0) return null;
  return JSON.stringify(Object.fromEntries(changed.map((name) => [name, [told(name, old[name]), told(name, now[name])]])));
}

function countOf(answer: unknown): number {
  const { items } = fieldsOf(answer);
  return Array.isArray(items) && items.length > 0 ? items.length : 1;
}

function firstOf(answer: unknown): unknown {
  const { items } = fieldsOf(answer);
  return Array.isArray(items) ? (items[0] as unknown) : answer;
}

function draftOf(ctx: ApiContext, call: Audited, told_: Pick<AuditDraft, 'target' | 'outcome' | 'item_count' | 'details'>): AuditDraft {
  const { kind, id, name } = ctx.actor;
  return {
    actor_kind: kind,
    actor_id: id,
    actor_name: name,
    address: ctx.client.address,
    action: call.name,
    request_id: ctx.request.id,
    ...told_,
  };
}

async function read(ctx: ApiContext, call: Audited, input: unknown): Promise<unknown> {
  const reader = readers.get(call.name);
  // What cannot be read (there is no such thing) the mutation itself refuses.
  return reader === undefined ? null : reader(ctx, input).catch(() => null);
}

/** Refusals that say who tried what; malformed input and a busy server say nothing about anybody. */
function isTelling(mode: AuditMode, ctx: ApiContext, code: string): boolean {
  if (code === 'VALIDATION' || code === 'UNAVAILABLE' || code === 'PAYLOAD_TOO_LARGE') return false;
  if (ctx.actor.kind === 'anonymous' && code === 'FORBIDDEN') return false;
  return mode === 'each' || code === 'FORBIDDEN';
}

/**
 * Runs a mutation and writes who did it: before the answer leaves, so that nothing acknowledged is missing from the log after a
 * crash. Creations of work are counted within a quarter of a second behind the answer instead, and so are refusals.
 */
export async function audited<Result>(
  ctx: ApiContext,
  call: Audited,
  { input, run, answerOf }: { input: unknown; run: () => Promise<Result>; answerOf: (result: Result) => unknown },
): Promise<Result> {
  const mode = auditModeOf(call.meta);
  const before = mode === 'each' && ctx.actor.role !== null ? await read(ctx, call, input) : null;
  let result: Result;
  try {
    result = await run();
  } catch (error) {
    const { code } = refusalOf(error, { request: ctx.request, log: { error: () => undefined } });
    const isAnonymousCall = ctx.actor.role === null && call.meta.role !== 'public';
    if (!isAnonymousCall && isTelling(mode, ctx, code))
      ctx.core.audit.note(draftOf(ctx, call, { target: targetOf(input, null), outcome: code, item_count: 1, details: null }));
    throw error;
  }
  if (mode === 'refusals') return result;
  const answer = answerOf(result);
  const about = { target: targetOf(input, firstOf(answer)), outcome: 'done', item_count: countOf(answer) };
  if (mode === 'counted') {
    const described = describers.get(call.name)?.(answer);
    ctx.core.audit.note(draftOf(ctx, call, { ...about, details: described === undefined ? null : changesOf(null, described) }));
    return result;
  }
  const after = before === null ? answer : await read(ctx, call, input);
  await ctx.core.audit.record(draftOf(ctx, call, { ...about, details: changesOf(before, after) }));
  return result;
}
