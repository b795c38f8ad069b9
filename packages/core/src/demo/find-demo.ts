import type { CoreContext } from '../ports/index.ts';
import { Demo } from './contract.ts';

/** The setting that says demo data is there. */
export const KEY = 'demo';

/** What was loaded; null when there is no demo data. */
export async function findDemo(ctx: CoreContext): Promise<Demo | null> {
  const row = await ctx.database.db.selectFrom('setting').select('value').where('key', '=', KEY).executeTakeFirst();
  return row === undefined ? null : Demo.parse(row.value);
}
