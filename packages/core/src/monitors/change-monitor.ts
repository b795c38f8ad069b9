import { randomBytes } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { AppError, notFound } from '../errors.ts';
import { appendEvent } from '../events/index.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import { MONITORS_TOPIC, SCHEDULE_TOPIC } from '../runs/index.ts';
import { nextRun } from '../schedules/index.ts';
import type { CloneMonitorInput, CreateMonitorInput, Monitor, UpdateMonitorInput } from './contract.ts';
import { definitionOf, requireSound, toRow, type DefinitionRow } from './definition.ts';
import { getMonitor } from './get-monitor.ts';

interface DefinedRow extends DefinitionRow {
  readonly id: string;
}

/** When a monitor that begins or begins again is due: an interval at once, a cron and a heartbeat at their time. */
function firstDue(row: DefinedRow, nowMs: number): string | null {
  if (row.status === 'paused') return null;
  if (row.type === 'synthetic' && row.cron === null) return new Date(nowMs).toISOString();
  const next = nextRun({ interval_seconds: row.interval_seconds ?? null, cron: row.cron ?? null, timezone: row.timezone }, nowMs, nowMs);
  return next === null ? null : new Date(next + (row.type === 'heartbeat' ? row.grace_seconds * 1000 : 0)).toISOString();
}

async function changed(tx: Transaction<Database>, type: string, testId: string): Promise<void> {
  await appendEvent(tx, MONITORS_TOPIC, [{ type, test_id: testId }]);
}

function announce(ctx: CoreContext): void {
  ctx.hub.publish([MONITORS_TOPIC, SCHEDULE_TOPIC]);
}

/** Creates a monitor; an active one is due at once. @throws {AppError} VALIDATION, or CONFLICT when the id is taken. */
export async function createMonitor(ctx: CoreContext, input: CreateMonitorInput): Promise<Monitor> {
  const { id: given, ...definition } = input;
  await requireSound(ctx, definition, given ?? null);
  const row = { id: given ?? newId('tst', ctx.now()), ...toRow(definition) };
  const ping_key = row.type === 'heartbeat' ? randomBytes(20).toString('base64url') : null;
  await ctx.database.db.transaction().execute(async (tx) => {
    const made = await tx
      .insertInto('monitor')
      .values({ ...row, ping_key })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (made === undefined)
      throw new AppError('CONFLICT', `There is a monitor with the id "${row.id}" already.`, {
        issues: [{ path: 'id', message: 'is taken' }],
      });
    await tx
      .insertInto('monitor_state')
      .values({ test_id: row.id, next_run_at: firstDue(row, ctx.now()) })
      .execute();
    if (row.status === 'paused') await openPause(tx, row.id, ctx);
    await changed(tx, 'monitor.created', row.id);
  });
  announce(ctx);
  return getMonitor(ctx, { test_id: row.id });
}

async function openPause(tx: Transaction<Database>, testId: string, ctx: CoreContext): Promise<void> {
  await tx
    .insertInto('excluded_span')
    .values({ id: newId('span', ctx.now()), test_id: testId, kind: 'paused', from_at: sql<string>`now()` })
    .execute();
}

/** Notes where a pause begins or ends; a streak of failures never spans one. */
async function turn(ctx: CoreContext, tx: Transaction<Database>, row: DefinedRow): Promise<void> {
  if (row.status === 'paused') await openPause(tx, row.id, ctx);
  else await sql`update excluded_span set to_at = now() where test_id = ${row.id} and kind = 'paused' and to_at is null`.execute(tx);
  await tx
    .updateTable('monitor_state')
    .set({ recent: '[]', next_run_at: firstDue(row, ctx.now()) })
    .where('test_id', '=', row.id)
    .execute();
}

function isRescheduled(before: Monitor, row: DefinitionRow): boolean {
  return (
    before.interval_seconds !== row.interval_seconds ||
    before.cron !== row.cron ||
    before.timezone !== row.timezone ||
    before.grace_seconds !== row.grace_seconds
  );
}

/**
 * Changes a monitor; fields left out stay. Giving `cron` takes the interval away, and the other way round.
 * @throws {AppError} NOT_FOUND, VALIDATION
 */
export async function updateMonitor(ctx: CoreContext, input: UpdateMonitorInput): Promise<Monitor> {
  const { test_id: id, ...changes } = input;
  const before = await getMonitor(ctx, { test_id: id });
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const merged = { ...definitionOf(before), ...given };
  if (typeof changes.cron === 'string' && changes.interval_seconds === undefined) merged.interval_seconds = null;
  if (typeof changes.interval_seconds === 'number' && changes.cron === undefined) merged.cron = null;
  await requireSound(ctx, merged, id);
  const row: DefinedRow = { id, ...toRow(merged) };
  await ctx.database.db.transaction().execute(async (tx) => {
    const locked = await tx.selectFrom('monitor').select('status').where('id', '=', id).forUpdate().executeTakeFirst();
    if (locked === undefined) throw notFound('monitor', id);
    const { id: _id, ...columns } = row;
    await tx
      .updateTable('monitor')
      .set({ ...columns, updated_at: sql<string>`now()` })
      .where('id', '=', id)
      .execute();
    const isTurned = locked.status !== row.status;
    if (isTurned) await turn(ctx, tx, row);
    else if (isRescheduled(before, row)) {
      await tx
        .updateTable('monitor_state')
        .set({ next_run_at: firstDue(row, ctx.now()) })
        .where('test_id', '=', id)
        .execute();
    }
    await changed(tx, isTurned ? (row.status === 'paused' ? 'monitor.paused' : 'monitor.resumed') : 'monitor.updated', id);
  });
  announce(ctx);
  return getMonitor(ctx, { test_id: id });
}

/** Stops the schedule; an open outage stays as it is. Idempotent. @throws {AppError} NOT_FOUND */
export function pauseMonitor(ctx: CoreContext, input: { test_id: string }): Promise<Monitor> {
  return updateMonitor(ctx, { test_id: input.test_id, status: 'paused' });
}

/** Starts the schedule again, with a run at once. Idempotent. @throws {AppError} NOT_FOUND */
export function resumeMonitor(ctx: CoreContext, input: { test_id: string }): Promise<Monitor> {
  return updateMonitor(ctx, { test_id: input.test_id, status: 'active' });
}

/** Removes a monitor with all of its history. @throws {AppError} NOT_FOUND */
export async function deleteMonitor(ctx: CoreContext, input: { test_id: string }): Promise<{ id: string; deleted: true }> {
  const id = input.test_id;
  await ctx.database.db.transaction().execute(async (tx) => {
    // The state first, as the recording of runs does: none is recorded between the end of the history and that of the monitor.
    const locked = await tx.selectFrom('monitor_state').select('test_id').where('test_id', '=', id).forUpdate().executeTakeFirst();
    if (locked === undefined) throw notFound('monitor', id);
    await ctx.runs.remove(tx, id);
    await tx.deleteFrom('monitor').where('id', '=', id).execute();
    await changed(tx, 'monitor.deleted', id);
  });
  announce(ctx);
  return { id, deleted: true };
}

/** Makes a paused copy of a monitor's definition, without its history. @throws {AppError} NOT_FOUND */
export async function cloneMonitor(ctx: CoreContext, input: CloneMonitorInput): Promise<Monitor> {
  const source = await getMonitor(ctx, input);
  return createMonitor(ctx, { ...definitionOf(source), name: input.name ?? `${source.name} (copy)`.slice(0, 200), status: 'paused' });
}
