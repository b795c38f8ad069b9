import { invalid, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import { nextCron, requireCron } from '../schedules/index.ts';
import type { CreateMaintenanceInput, ListMaintenanceInput, ListMaintenanceOutput, Maintenance } from './contract.ts';
import { occurrences, type MaintenanceRow } from './occurrences.ts';

function nextAt(row: MaintenanceRow, nowMs: number): string | null {
  const starts = Date.parse(row.starts_at);
  if (row.cron === null) return starts > nowMs ? row.starts_at : null;
  const next = nextCron({ cron: row.cron, timezone: row.timezone }, Math.max(starts - 1, nowMs));
  return next === null || (row.ends_at !== null && next >= Date.parse(row.ends_at)) ? null : new Date(next).toISOString();
}

function toMaintenance(row: MaintenanceRow, nowMs: number): Maintenance {
  return { ...row, is_active: occurrences(row, { from: nowMs, to: nowMs + 1 }).length > 0, next_at: nextAt(row, nowMs) };
}

/** Plans maintenance, once or recurring. @throws {AppError} VALIDATION naming the field; unknown monitors are refused. */
export async function createMaintenance(ctx: CoreContext, input: CreateMaintenanceInput): Promise<Maintenance> {
  if (input.cron !== null) requireCron(input.cron, input.timezone, ctx.now());
  const { db } = ctx.database;
  if (input.test_ids.length > 0) {
    const known = await db.selectFrom('monitor').select('id').where('id', 'in', input.test_ids).execute();
    const missing = input.test_ids.findIndex((id) => !known.some((row) => row.id === id));
    if (missing !== -1) throw invalid(`test_ids.${missing}`, `there is no monitor "${input.test_ids[missing]}"`);
  }
  const row = await db
    .insertInto('maintenance')
    .values({ id: newId('mnt', ctx.now()), ...input })
    .returningAll()
    .executeTakeFirstOrThrow();
  ctx.hub.publish(['monitors']);
  return toMaintenance(row, ctx.now());
}

/** All planned maintenance, newest first; of one monitor when asked. */
export async function listMaintenance(ctx: CoreContext, input: ListMaintenanceInput): Promise<ListMaintenanceOutput> {
  const rows = await ctx.database.db.selectFrom('maintenance').selectAll().orderBy('id', 'desc').execute();
  const monitor =
    input.test_id === undefined
      ? null
      : await ctx.database.db.selectFrom('monitor').select(['id', 'tags']).where('id', '=', input.test_id).executeTakeFirst();
  if (monitor === undefined) throw notFound('monitor', input.test_id ?? '');
  const wanted =
    monitor === null ? rows : rows.filter((row) => row.test_ids.includes(monitor.id) || row.tags.some((tag) => monitor.tags.includes(tag)));
  return { items: wanted.map((row) => toMaintenance(row, ctx.now())) };
}

/** Takes planned maintenance away; past occurrences count again. @throws {AppError} NOT_FOUND */
export async function deleteMaintenance(ctx: CoreContext, input: { id: string }): Promise<{ id: string; deleted: true }> {
  const gone = await ctx.database.db.deleteFrom('maintenance').where('id', '=', input.id).returning('id').executeTakeFirst();
  if (gone === undefined) throw notFound('maintenance', input.id);
  ctx.hub.publish(['monitors']);
  return { id: gone.id, deleted: true };
}
