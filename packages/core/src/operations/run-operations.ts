import { sql, type Selectable } from 'kysely';
import type { OperationTable } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { WorkloadFilter } from '../workloads/contract.ts';
import { cancelIn, retryIn } from '../workloads/index.ts';
import type { BulkAction } from './contract.ts';
import { applicable } from './start-operation.ts';

const BATCH = 50;

interface ItemResult {
  workload_id: string;
  code: string | null;
  message: string | null;
}

async function applyTo(ctx: CoreContext, action: BulkAction, id: string): Promise<ItemResult & { topics: readonly string[] }> {
  try {
    const topics = await ctx.database.db.transaction().execute(async (tx) => {
      if (action === 'retry') return [`lane:${await retryIn(ctx, tx, { id, keep_checkpoint: true })}`];
      const worker = await cancelIn(ctx, tx, id);
      return worker === null ? [] : [`worker:${worker}`];
    });
    return { workload_id: id, code: null, message: null, topics: [id, ...topics] };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'UNAVAILABLE') throw error;
    return { workload_id: id, code: error.code, message: error.message, topics: [] };
  }
}

async function findBatch(ctx: CoreContext, operation: Selectable<OperationTable>): Promise<string[]> {
  const rows = await ctx.database.db
    .selectFrom('workload')
    .select('id')
    .where(applicable(ctx, operation.action as BulkAction, operation.filter as WorkloadFilter))
    .where('id', '<', operation.next_id)
    .orderBy('id', 'desc')
    .limit(BATCH)
    .execute();
  return rows.map((row) => row.id);
}

/** Notes the results and moves on; answers false when another server or a stop came first. */
async function advance(ctx: CoreContext, operation: Selectable<OperationTable>, results: readonly ItemResult[]): Promise<boolean> {
  const isDone = results.length < BATCH;
  return ctx.database.db.transaction().execute(async (tx) => {
    const refused = results.filter((result) => result.code !== null).length;
    const moved = await tx
      .updateTable('operation')
      .set({
        succeeded: sql`succeeded + ${results.length - refused}`,
        refused: sql`refused + ${refused}`,
        ...(results.length === 0 ? {} : { next_id: results.at(-1)?.workload_id ?? operation.next_id }),
        ...(isDone ? { status: 'completed', finished_at: sql<string>`now()` } : {}),
      })
      .where('id', '=', operation.id)
      .where('status', '=', 'running')
      .where('next_id', '=', operation.next_id)
      .executeTakeFirst();
    if (moved.numUpdatedRows === 0n) return false;
    if (results.length > 0) {
      const rows = results.map(({ workload_id: id, code, message }) => ({ operation_id: operation.id, workload_id: id, code, message }));
      await tx
        .insertInto('operation_item')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    return !isDone;
  });
}

/**
 * Carries on with every running bulk action, a batch at a time, until none is left. Each item is a transaction of its own and
 * each is tried again after a crash: cancelling or retrying twice is refused by the lifecycle, never done twice.
 */
export async function runOperations(ctx: CoreContext): Promise<void> {
  for (;;) {
    const operation = await ctx.database.db
      .selectFrom('operation')
      .selectAll()
      .where('status', '=', 'running')
      .orderBy('id')
      .executeTakeFirst();
    if (operation === undefined) return;
    const results: (ItemResult & { topics: readonly string[] })[] = [];
    for (const id of await findBatch(ctx, operation)) results.push(await applyTo(ctx, operation.action as BulkAction, id));
    await advance(ctx, operation, results);
    ctx.hub.publish(['workloads', operation.id, ...new Set(results.flatMap((result) => result.topics))]);
  }
}
