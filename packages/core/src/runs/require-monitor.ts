import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { adoptMonitor } from './adopt-monitors.ts';

/** Takes it over when an earlier deployment left it in the store. @throws {AppError} NOT_FOUND */
export async function requireMonitor(ctx: CoreContext, testId: string): Promise<void> {
  const row = await ctx.database.db.selectFrom('monitor').select('id').where('id', '=', testId).executeTakeFirst();
  if (row === undefined && !(await adoptMonitor(ctx, testId))) throw notFound('monitor', testId);
}
