import { sql, type Kysely } from 'kysely';
import type { UserSessionTable } from '../db/access-tables.ts';
import type { Database } from '../db/schema.ts';

/** Ends every open session of a person, or all but one. */
export async function endSessionsOf(
  tx: Kysely<Database>,
  ending: { user_id: string; reason: NonNullable<UserSessionTable['end_reason']>; except?: string | undefined },
): Promise<void> {
  let query = tx
    .updateTable('user_session')
    .set({ ended_at: sql<string>`now()`, end_reason: ending.reason })
    .where('user_id', '=', ending.user_id)
    .where('ended_at', 'is', null);
  if (ending.except !== undefined) query = query.where('id', '!=', ending.except);
  await query.execute();
}
