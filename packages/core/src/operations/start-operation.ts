import { sql } from 'kysely';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import type { WorkloadFilter } from '../workloads/contract.ts';
import { filterCondition } from '../workloads/index.ts';
import type { BulkAction, BulkInput, BulkPreview, Operation } from './contract.ts';
import { getOperation } from './get-operation.ts';

/** The statuses an action can be applied to. */
const APPLIES_TO: Readonly<Record<BulkAction, readonly string[]>> = { cancel: ['pending', 'running'], retry: ['failed', 'cancelled'] };

/** The filter, narrowed to what the action can be applied to; false when nothing is left. */
export function applicable(ctx: CoreContext, action: BulkAction, filter: WorkloadFilter) {
  const asked = filter.status === undefined ? null : [filter.status].flat();
  const statuses = APPLIES_TO[action].filter((status) => asked === null || asked.some((name) => name === status));
  return filterCondition(ctx, { ...filter, status: statuses as ('pending' | 'running' | 'failed' | 'cancelled')[] });
}

function isEmpty(action: BulkAction, filter: WorkloadFilter): boolean {
  const asked = filter.status === undefined ? null : [filter.status].flat();
  return asked !== null && !asked.some((status) => APPLIES_TO[action].includes(status));
}

/** How many workloads a bulk action would be applied to now, by status. Changes nothing. */
export async function previewBulk(ctx: CoreContext, input: BulkInput): Promise<BulkPreview> {
  if (isEmpty(input.action, input.filter)) return { count: 0, by_status: {} };
  const rows = await ctx.database.db
    .selectFrom('workload')
    .select(['status', sql<number>`count(*)::int`.as('count')])
    .where(applicable(ctx, input.action, input.filter))
    .groupBy('status')
    .execute();
  const byStatus = Object.fromEntries(rows.map((row) => [row.status, row.count]));
  return { count: rows.reduce((total, row) => total + row.count, 0), by_status: byStatus };
}

/** Starts a bulk action on everything that matches now; it goes on in the background, on any server, also after a restart. */
export async function startOperation(ctx: CoreContext, input: BulkInput): Promise<Operation> {
  const { count } = await previewBulk(ctx, input);
  const id = newId('op', ctx.now());
  await ctx.database.db
    .insertInto('operation')
    .values({
      id,
      action: input.action,
      filter: JSON.stringify(input.filter),
      status: count === 0 ? 'completed' : 'running',
      finished_at: count === 0 ? sql<string>`now()` : null,
      total: count,
      next_id: newId('wl', ctx.now()),
    })
    .execute();
  ctx.hub.publish(['operations']);
  return getOperation(ctx, { id });
}

/** Stops a bulk action after the items under way; what is done stays done. Idempotent. @throws {AppError} NOT_FOUND */
export async function stopOperation(ctx: CoreContext, input: { id: string }): Promise<Operation> {
  await ctx.database.db
    .updateTable('operation')
    .set({ status: 'stopped', finished_at: sql<string>`now()` })
    .where('id', '=', input.id)
    .where('status', '=', 'running')
    .execute();
  ctx.hub.publish([input.id]);
  return getOperation(ctx, input);
}
