import { sql } from 'kysely';
import { hashSecret } from '../access/index.ts';
import type { CoreContext } from '../ports/index.ts';
import type { UserRole } from '../users/contract.ts';
import { IDLE_HOURS } from './contract.ts';

const TOKEN = /^[0-9a-z]{40}$/;
const IDLE = `${IDLE_HOURS} hours`;

/** The person behind a session. */
export interface SessionUser {
  readonly session_id: string;
  readonly user_id: string;
  readonly email: string;
  readonly role: UserRole;
  readonly sees_payloads: boolean;
}

/** The open session of a token, or null: unknown, ended, idle for too long and disabled are the same answer. Notes its use at most once a minute. */
export async function findSession(ctx: CoreContext, token: string): Promise<SessionUser | null> {
  if (!TOKEN.test(token)) return null;
  const { db } = ctx.database;
  const row = await db
    .selectFrom('user_session as s')
    .innerJoin('user_account as u', 'u.id', 's.user_id')
    .select(['s.id as session_id', 'u.id as user_id', 'u.email', 'u.role', 'u.sees_payloads'])
    .select(sql<boolean>`s.last_seen_at < now() - interval '1 minute'`.as('is_use_due'))
    .where('s.hash', '=', hashSecret(token))
    .where('s.ended_at', 'is', null)
    .where('u.disabled_at', 'is', null)
    .where(sql<boolean>`s.expires_at > now() and s.last_seen_at > now() - ${IDLE}::interval`)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { is_use_due, ...user } = row;
  if (is_use_due)
    await db
      .updateTable('user_session')
      .set({ last_seen_at: sql<string>`now()` })
      .where('id', '=', row.session_id)
      .execute();
  return user;
}
