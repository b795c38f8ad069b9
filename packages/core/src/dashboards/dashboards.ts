import { type Selectable, sql } from 'kysely';
import { decodeCursor } from '../cursors.ts';
import type { PublishingDashboardTable } from '../db/publishing-tables.ts';
import { AppError, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import { pageOf, readMetrics } from '../publishing/index.ts';
import type {
  CreateDashboardInput,
  DashboardItem,
  DashboardValues,
  ListDashboardsInput,
  SavedDashboard,
  UpdateDashboardInput,
} from './contract.ts';

const MAX_OWN = 100;

function toDashboard(row: Selectable<PublishingDashboardTable>): SavedDashboard {
  return { ...row, items: row.items as DashboardItem[] };
}

function nameTaken(name: string): AppError {
  return new AppError('CONFLICT', `You have a dashboard named "${name}" already.`, { issues: [{ path: 'name', message: 'is taken' }] });
}

/** Saves a set of metrics for its owner. @throws {AppError} CONFLICT when the owner has one of this name, or a hundred. */
export async function createDashboard(ctx: CoreContext, owner: string, input: CreateDashboardInput): Promise<SavedDashboard> {
  const { db } = ctx.database;
  const own = await db
    .selectFrom('publishing_dashboard')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('owner', '=', owner)
    .executeTakeFirstOrThrow();
  if (own.n >= MAX_OWN) throw new AppError('CONFLICT', `You have ${MAX_OWN} dashboards; remove one first.`);
  const row = await db
    .insertInto('publishing_dashboard')
    .values({ id: newId('dsh', ctx.now()), owner, ...input, items: JSON.stringify(input.items) })
    .onConflict((conflict) => conflict.columns(['owner', 'name']).doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw nameTaken(input.name);
  return toDashboard(row);
}

/** One that the caller owns or that is shared; others are not there. @throws {AppError} NOT_FOUND */
export async function getDashboard(ctx: CoreContext, owner: string, input: { id: string }): Promise<SavedDashboard> {
  const row = await ctx.database.db.selectFrom('publishing_dashboard').selectAll().where('id', '=', input.id).executeTakeFirst();
  if (row === undefined || (row.owner !== owner && !row.is_shared)) throw notFound('dashboard', input.id);
  return toDashboard(row);
}

/** A dashboard with its values now. @throws {AppError} NOT_FOUND */
export async function readDashboard(ctx: CoreContext, owner: string, input: { id: string }): Promise<DashboardValues> {
  const dashboard = await getDashboard(ctx, owner, input);
  return { dashboard, values: await readMetrics(ctx, dashboard.items) };
}

/** The caller's own and those that are shared, newest first. */
export async function listDashboards(
  ctx: CoreContext,
  owner: string,
  input: ListDashboardsInput,
): Promise<{ items: SavedDashboard[]; next_cursor: string | null }> {
  let query = ctx.database.db
    .selectFrom('publishing_dashboard')
    .selectAll()
    .where((eb) => eb.or([eb('owner', '=', owner), eb('is_shared', '=', true)]))
    .orderBy('id', 'desc')
    .limit(input.limit + 1);
  if (input.cursor !== undefined) query = query.where('id', '<', decodeCursor('dashboards', input.cursor));
  const page = pageOf(await query.execute(), { list: 'dashboards', limit: input.limit, key: (row) => row.id });
  return { items: page.items.map(toDashboard), next_cursor: page.next_cursor };
}

async function requireOwn(ctx: CoreContext, owner: string, id: string): Promise<SavedDashboard> {
  const dashboard = await getDashboard(ctx, owner, { id });
  if (dashboard.owner !== owner) throw new AppError('FORBIDDEN', 'Only its owner may change a dashboard.');
  return dashboard;
}

/** Changes one's own dashboard; fields left out stay. @throws {AppError} NOT_FOUND, FORBIDDEN, CONFLICT */
export async function updateDashboard(ctx: CoreContext, owner: string, input: UpdateDashboardInput): Promise<SavedDashboard> {
  const before = await requireOwn(ctx, owner, input.id);
  const { name = before.name, is_shared = before.is_shared, items = before.items } = input;
  return ctx.database.db.transaction().execute(async (tx) => {
    const taken = await tx
      .selectFrom('publishing_dashboard')
      .select('id')
      .where('owner', '=', owner)
      .where('name', '=', name)
      .where('id', '<>', input.id)
      .executeTakeFirst();
    if (taken !== undefined) throw nameTaken(name);
    const row = await tx
      .updateTable('publishing_dashboard')
      .set({ name, is_shared, items: JSON.stringify(items), updated_at: sql<string>`now()` })
      .where('id', '=', input.id)
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) throw notFound('dashboard', input.id);
    return toDashboard(row);
  });
}

/** Removes one's own dashboard. @throws {AppError} NOT_FOUND, FORBIDDEN */
export async function deleteDashboard(ctx: CoreContext, owner: string, input: { id: string }): Promise<{ id: string; deleted: true }> {
  await requireOwn(ctx, owner, input.id);
  await ctx.database.db.deleteFrom('publishing_dashboard').where('id', '=', input.id).execute();
  return { id: input.id, deleted: true };
}
