import { sql } from 'kysely';
import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { IDLE_HOURS, type ListSessionsOutput, type RevokeSessionOutput } from './contract.ts';

const MAX_LISTED = 200;
const IDLE = `${IDLE_HOURS} hours`;

/** The sessions a person is signed in with, the latest first. */
export async function listSessions(ctx: CoreContext, of: { user_id: string; session_id: string | null }): Promise<ListSessionsOutput> {
  const rows = await ctx.database.db
    .selectFrom('user_session')
    .select(['id', 'address', 'user_agent', 'created_at', 'last_seen_at', 'expires_at'])
    .where('user_id', '=', of.user_id)
    .where('ended_at', 'is', null)
    .where(sql<boolean>`expires_at > now() and last_seen_at > now() - ${IDLE}::interval`)
    .orderBy('id', 'desc')
    .limit(MAX_LISTED)
    .execute();
  return { items: rows.map((row) => ({ ...row, is_current: row.id === of.session_id })), next_cursor: null };
}

/** Ends one session of a person; ending it again changes nothing. @throws {AppError} NOT_FOUND for one that is not theirs */
export async function endSession(
  ctx: CoreContext,
  ending: { id: string; user_id: string; reason: 'signed_out' | 'revoked' },
): Promise<RevokeSessionOutput> {
  const row = await ctx.database.db
    .updateTable('user_session')
    .set({ ended_at: sql<string>`coalesce(ended_at, now())`, end_reason: sql`coalesce(end_reason, ${ending.reason})` })
    .where('id', '=', ending.id)
    .where('user_id', '=', ending.user_id)
    .returning('id')
    .executeTakeFirst();
  if (row === undefined) throw notFound('session', ending.id);
  return { id: row.id, revoked: true };
}
