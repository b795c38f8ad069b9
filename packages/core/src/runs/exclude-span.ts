import { sql, type Selectable, type Transaction } from 'kysely';
import type { ExcludedSpanTable } from '../db/index.ts';
import type { Database } from '../db/schema.ts';
import { AppError, invalid, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import type { ExcludedSpan, ExcludeSpanInput, ListSpansOutput, RevokeSpanInput } from './contract.ts';
import { requireMonitor } from './require-monitor.ts';
import { addToBuckets } from './add-to-buckets.ts';

const MAX_SPAN_MS = 31 * 86_400_000;

interface ExcludableRun {
  test_id: string;
  started_at: string;
  duration_ms: number;
  passed: boolean;
  is_degraded: boolean;
  is_flaky: boolean;
}

function toSpan(row: Selectable<ExcludedSpanTable>): ExcludedSpan {
  const { kind: _kind, from_at, to_at, reason, ...fields } = row;
  return { ...fields, from: from_at, to: to_at ?? from_at, reason: reason ?? '' };
}

/** Takes runs out of the buckets (-1) or puts them back (1). */
async function shift(tx: Transaction<Database>, runs: readonly ExcludableRun[], sign: 1 | -1): Promise<void> {
  const signed = (value: boolean): number => (value ? sign : 0);
  await addToBuckets(
    tx,
    runs.map((run) => ({
      test_id: run.test_id,
      at: Date.parse(run.started_at),
      total: sign,
      passed: signed(run.passed),
      degraded: signed(run.is_degraded),
      flaky: signed(run.is_flaky),
      excluded: -sign,
      duration_ms: run.duration_ms,
    })),
  );
}

/** Holds up the recording of runs of this monitor until the transaction ends. @throws {AppError} NOT_FOUND */
async function lock(tx: Transaction<Database>, testId: string): Promise<void> {
  const row = await tx.selectFrom('monitor_state').select('test_id').where('test_id', '=', testId).forUpdate().executeTakeFirst();
  if (row === undefined) throw notFound('monitor', testId);
}

function requirePast(ctx: CoreContext, input: ExcludeSpanInput): void {
  const [from, to] = [Date.parse(input.from), Date.parse(input.to)];
  if (to <= from) throw invalid('to', 'must lie after from');
  if (to > ctx.now()) throw invalid('to', 'must not lie in the future; plan maintenance instead');
  if (to - from > MAX_SPAN_MS) throw invalid('to', 'must lie at most 31 days after from');
}

/**
 * Takes a stretch of the past out of a monitor's figures: its runs and its time count no more, in every figure at once. The runs
 * stay in the history, and it can be revoked. @throws {AppError} NOT_FOUND, VALIDATION, CONFLICT where the store keeps no marks
 */
export async function excludeSpan(ctx: CoreContext, input: ExcludeSpanInput, actor: string): Promise<ExcludedSpan> {
  if (!ctx.runs.capabilities.is_transactional)
    throw new AppError('CONFLICT', 'HISTORY_STORE=redis keeps no exclusions; use HISTORY_STORE=sql.');
  requirePast(ctx, input);
  const row = await ctx.database.db.transaction().execute(async (tx) => {
    await lock(tx, input.test_id);
    const { rows: runs } = await sql<ExcludableRun>`
      update run set is_excluded = true where test_id = ${input.test_id} and started_at >= ${input.from} and started_at < ${input.to} and not is_excluded
      returning test_id, started_at, duration_ms, passed, is_degraded, is_flaky`.execute(tx);
    await shift(tx, runs, -1);
    return tx
      .insertInto('excluded_span')
      .values({
        id: newId('span', ctx.now()),
        test_id: input.test_id,
        kind: 'excluded',
        from_at: input.from,
        to_at: input.to,
        reason: input.reason,
        created_by: actor,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
  });
  ctx.hub.publish(['monitors']);
  return toSpan(row);
}

/** Makes an excluded stretch count again, except where another one still covers it. Idempotent. @throws {AppError} NOT_FOUND */
export async function revokeSpan(ctx: CoreContext, input: RevokeSpanInput, actor: string): Promise<ExcludedSpan> {
  const row = await ctx.database.db.transaction().execute(async (tx) => {
    await lock(tx, input.test_id);
    const span = await tx
      .selectFrom('excluded_span')
      .selectAll()
      .where('id', '=', input.id)
      .where('test_id', '=', input.test_id)
      .where('kind', '=', 'excluded')
      .executeTakeFirst();
    if (span === undefined) throw notFound('excluded span', input.id);
    if (span.revoked_at !== null) return span;
    const revoked = await tx
      .updateTable('excluded_span')
      .set({ revoked_at: sql<string>`now()`, revoked_by: actor })
      .where('id', '=', span.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    const { rows: runs } = await sql<ExcludableRun>`
      update run set is_excluded = false where test_id = ${input.test_id} and started_at >= ${span.from_at} and started_at < ${span.to_at} and is_excluded
        and not exists (select from excluded_span s where s.test_id = run.test_id and s.kind = 'excluded' and s.revoked_at is null
          and run.started_at >= s.from_at and run.started_at < s.to_at)
      returning test_id, started_at, duration_ms, passed, is_degraded, is_flaky`.execute(tx);
    await shift(tx, runs, 1);
    return revoked;
  });
  ctx.hub.publish(['monitors']);
  return toSpan(row);
}

/** Every exclusion there ever was, newest first, revoked ones included. @throws {AppError} NOT_FOUND */
export async function listSpans(ctx: CoreContext, input: { test_id: string }): Promise<ListSpansOutput> {
  await requireMonitor(ctx, input.test_id);
  const rows = await ctx.database.db
    .selectFrom('excluded_span')
    .selectAll()
    .where('test_id', '=', input.test_id)
    .where('kind', '=', 'excluded')
    .orderBy('id', 'desc')
    .execute();
  return { items: rows.map(toSpan) };
}
