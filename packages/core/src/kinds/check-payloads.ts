import * as z from 'zod';
import { validationError } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { toCheck } from './to-check.ts';

/** Kinds that the server alone submits, and what to use: their payloads carry what only it may decide, such as where they may go. */
const SERVER_KINDS: ReadonlyMap<string, string> = new Map([
  ['monitor', 'is run by the server alone: create a monitor (POST /api/tests) and run that'],
  ['publish', 'is run by the server alone: create a publication (POST /v1/publications)'],
]);
/** How the server finds its own workloads again. */
const SERVER_KEY = /^(?:monitor-run|publication):/;

/** News of a registration on another server may get lost: then it is seen this much later. */
const FRESH_MS = 10_000;

interface KnownKinds {
  readonly checks: Map<string, { text: string; check: z.ZodType | null }>;
  /** By `ctx.now()`; until then nothing is read again. */
  fresh_until: number;
  reading: Promise<void> | null;
}

/** What each core knows of its kinds: submitting a workload reads no table. */
const known = new WeakMap<CoreContext, KnownKinds>();

function knownOf(ctx: CoreContext): KnownKinds {
  const found = known.get(ctx);
  if (found !== undefined) return found;
  const fresh: KnownKinds = { checks: new Map(), fresh_until: 0, reading: null };
  known.set(ctx, fresh);
  ctx.hub.listen('kinds', () => {
    fresh.fresh_until = 0;
  });
  return fresh;
}

/** Says, here and on every other server, that schemas were recorded. */
export function announceKinds(ctx: CoreContext): void {
  knownOf(ctx).fresh_until = 0;
  ctx.hub.publish(['kinds']);
}

async function read(ctx: CoreContext, kinds: KnownKinds): Promise<void> {
  // Before the read: what changes during it is read again.
  kinds.fresh_until = ctx.now() + FRESH_MS;
  const rows = await ctx.database.db.selectFrom('kind_schema').select(['kind', 'schema']).execute();
  for (const { kind, schema: text } of rows) {
    if (kinds.checks.get(kind)?.text === text) continue;
    let check: z.ZodType | null = null;
    try {
      check = toCheck(JSON.parse(text));
    } catch (error) {
      ctx.log.warn({ err: error, kind }, 'a registered payload schema is not understood; payloads of this kind are not checked at submit');
    }
    kinds.checks.set(kind, { text, check });
  }
}

interface Submitted {
  readonly kind: string;
  readonly payload: unknown;
  readonly idempotency_key?: string | undefined;
}

type Place = readonly (string | number)[];

function problemsOf({ kind, idempotency_key: key, payload }: Submitted, check: z.ZodType | null, path: Place): z.core.$ZodIssue[] {
  const refused = (field: string, message: string): z.core.$ZodIssue[] => [
    { code: 'custom', path: [...path, field], message, input: undefined },
  ];
  const reserved = SERVER_KINDS.get(kind);
  if (reserved !== undefined) return refused('kind', reserved);
  if (key !== undefined && SERVER_KEY.test(key)) return refused('idempotency_key', 'must not begin as the keys of the server itself do');
  const parsed = check?.safeParse(payload);
  if (parsed === undefined || parsed.success) return [];
  return parsed.error.issues.map((issue) => ({ ...issue, path: [...path, 'payload', ...issue.path] }));
}

/**
 * Refuses workloads that only the server may submit, and payloads that do not fit what a worker registered for their kind; a kind without a schema takes any.
 * `path` names the place of an item in the request.
 * @throws {AppError} VALIDATION naming `kind`, `idempotency_key` or `payload.x`.
 */
export async function checkPayloads(
  ctx: CoreContext,
  items: readonly Submitted[],
  path: (index: number) => Place = () => [],
): Promise<void> {
  const kinds = knownOf(ctx);
  if (kinds.fresh_until <= ctx.now()) {
    kinds.reading ??= read(ctx, kinds).finally(() => {
      kinds.reading = null;
    });
  }
  await kinds.reading;
  const issues = items.flatMap((item, index) => problemsOf(item, kinds.checks.get(item.kind)?.check ?? null, path(index)));
  if (issues.length > 0) throw validationError(new z.ZodError(issues));
}
