import { deleteMonitor } from '../monitors/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { DEMO_MONITORS } from './monitor-catalog.ts';

/**
 * Removes what a load that was killed before its commit left in a store of its own, and the monitors a server has taken over from
 * it since. Only for a database without demo data. Answers whether there was any.
 */
export async function removeLeftovers(ctx: CoreContext): Promise<boolean> {
  const { db } = ctx.database;
  if (ctx.runs.earlier === null) return false;
  let isFound = false;
  for (const { id } of DEMO_MONITORS) {
    if ((await ctx.runs.earlier.find(id)) === null) continue;
    isFound = true;
    const adopted = await db.selectFrom('monitor').select('id').where('id', '=', id).executeTakeFirst();
    if (adopted === undefined) await db.transaction().execute((tx) => ctx.runs.remove(tx, id));
    else await deleteMonitor(ctx, { test_id: id });
  }
  return isFound;
}
