import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import type { Role } from './contract.ts';

/** Whether any key, or any of the given role, still opens something. */
export async function hasLiveKey(ctx: CoreContext, role?: Role): Promise<boolean> {
  let query = ctx.database.db
    .selectFrom('api_key')
    .select('id')
    .where('revoked_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb(sql`expires_at`, '>', sql`now()`)]))
    .limit(1);
  if (role !== undefined) query = query.where('role', '=', role);
  return (await query.executeTakeFirst()) !== undefined;
}

/** Whether anybody can come in by name: a live key, or a person with an account (a disabled one counts). An open server closes with it. */
export async function hasWayIn(ctx: CoreContext): Promise<boolean> {
  if (await hasLiveKey(ctx)) return true;
  return (await ctx.database.db.selectFrom('user_account').select('id').limit(1).executeTakeFirst()) !== undefined;
}
