import type { Selectable } from 'kysely';
import { decodeCursor, encodeCursor } from '../cursors.ts';
import type { OperationTable } from '../db/schema.ts';
import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type {
  ListOperationItemsInput,
  ListOperationItemsOutput,
  ListOperationsInput,
  ListOperationsOutput,
  Operation,
} from './contract.ts';

function toOperation(row: Selectable<OperationTable>): Operation {
  return {
    id: row.id,
    action: row.action as Operation['action'],
    filter: row.filter,
    status: row.status as Operation['status'],
    total: row.total,
    succeeded: row.succeeded,
    refused: row.refused,
    created_at: row.created_at,
    finished_at: row.finished_at,
  };
}

/** One bulk action with its progress. @throws {AppError} NOT_FOUND */
export async function getOperation(ctx: CoreContext, input: { id: string }): Promise<Operation> {
  const row = await ctx.database.db.selectFrom('operation').selectAll().where('id', '=', input.id).executeTakeFirst();
  if (row === undefined) throw notFound('operation', input.id);
  return toOperation(row);
}

/** Bulk actions, newest first. */
export async function listOperations(ctx: CoreContext, input: ListOperationsInput): Promise<ListOperationsOutput> {
  let query = ctx.database.db
    .selectFrom('operation')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(input.limit + 1);
  if (input.cursor !== undefined) query = query.where('id', '<', decodeCursor('operations', input.cursor));
  const rows = await query.execute();
  const page = rows.slice(0, input.limit);
  const last = page.at(-1);
  return {
    items: page.map(toOperation),
    next_cursor: rows.length > input.limit && last !== undefined ? encodeCursor('operations', last.id) : null,
  };
}

/** A result per item that was tried, newest workload first. @throws {AppError} NOT_FOUND */
export async function listOperationItems(ctx: CoreContext, input: ListOperationItemsInput): Promise<ListOperationItemsOutput> {
  await getOperation(ctx, input);
  let query = ctx.database.db
    .selectFrom('operation_item')
    .select(['workload_id', 'code', 'message'])
    .where('operation_id', '=', input.id)
    .orderBy('workload_id', 'desc')
    .limit(input.limit + 1);
  if (input.refused !== undefined) query = query.where('code', input.refused ? 'is not' : 'is', null);
  if (input.cursor !== undefined) query = query.where('workload_id', '<', decodeCursor('operation_items', input.cursor));
  const rows = await query.execute();
  const page = rows.slice(0, input.limit);
  const last = page.at(-1);
  return {
    items: page.map((row) => ({ ...row, ok: row.code === null })),
    next_cursor: rows.length > input.limit && last !== undefined ? encodeCursor('operation_items', last.workload_id) : null,
  };
}
