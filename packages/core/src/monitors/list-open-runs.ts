import type { CoreContext } from '../ports/index.ts';
import { requireMonitor } from '../runs/index.ts';
import type { OpenRun } from './contract.ts';

/** Runs of a monitor that have not ended, newest first. @throws {AppError} NOT_FOUND */
export async function listOpenRuns(ctx: CoreContext, input: { test_id: string }): Promise<{ items: OpenRun[] }> {
  await requireMonitor(ctx, input.test_id);
  const items = await ctx.database.db
    .selectFrom('open_run')
    .select(['run_id', 'test_id', 'workload_id', 'triggered_by', 'created_at'])
    .where('test_id', '=', input.test_id)
    .orderBy('created_at', 'desc')
    .orderBy('run_id', 'desc')
    .limit(50)
    .execute();
  return { items };
}
