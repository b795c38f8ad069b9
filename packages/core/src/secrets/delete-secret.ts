import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';

/** What still refers to it fails when it runs, and says so. @throws {AppError} NOT_FOUND */
export async function deleteSecret(ctx: CoreContext, { name }: { name: string }): Promise<{ name: string; deleted: true }> {
  const gone = await ctx.database.db.deleteFrom('secret').where('name', '=', name).returning('name').executeTakeFirst();
  if (gone === undefined) throw notFound('secret', name);
  return { name, deleted: true };
}
