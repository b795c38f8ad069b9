import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';

/** @throws {AppError} NOT_FOUND */
export async function requireMonitor(ctx: CoreContext, testId: string): Promise<void> {
  const row = await ctx.database.db.selectFrom('monitor').select('id').where('id', '=', testId).executeTakeFirst();
  if (row === undefined) throw notFound('monitor', testId);
}
