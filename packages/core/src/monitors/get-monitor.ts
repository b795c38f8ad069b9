import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { adoptMonitor } from '../runs/index.ts';
import type { Monitor } from './contract.ts';
import { STATE_COLUMNS, toMonitor, type MonitorRow } from './monitor-row.ts';

export function selectMonitors(db: Kysely<Database>) {
  return db
    .selectFrom('monitor')
    .innerJoin('monitor_state as state', 'state.test_id', 'monitor.id')
    .selectAll('monitor')
    .select([...STATE_COLUMNS]);
}

export async function findRow(db: Kysely<Database>, testId: string): Promise<MonitorRow | undefined> {
  return selectMonitors(db).where('monitor.id', '=', testId).executeTakeFirst();
}

/** A monitor with its present state. @throws {AppError} NOT_FOUND */
export async function getMonitor(ctx: CoreContext, input: { test_id: string }): Promise<Monitor> {
  const { db } = ctx.database;
  const known = await findRow(db, input.test_id);
  const row = known ?? ((await adoptMonitor(ctx, input.test_id)) ? await findRow(db, input.test_id) : undefined);
  if (row === undefined) throw notFound('monitor', input.test_id);
  const maintenance = await ctx.database.db.selectFrom('maintenance').selectAll().execute();
  return toMonitor(row, { maintenance, now_ms: ctx.now() });
}
