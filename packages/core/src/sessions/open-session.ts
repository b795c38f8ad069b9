import { sql, type Kysely } from 'kysely';
import { hashSecret, newSecret } from '../access/index.ts';
import type { Database } from '../db/schema.ts';
import { newId } from '../ids.ts';
import type { User } from '../users/contract.ts';
import { USER_COLUMNS } from '../users/index.ts';
import { LONGEST_DAYS, type SignedIn } from './contract.ts';

/** Where a sign-in comes from, as the server sees it. */
export interface SignInOrigin {
  readonly address: string | null;
  readonly user_agent: string | null;
}

/** A new session; `token` is shown to the browser once and kept as a digest. */
export interface OpenedSession extends SignedIn {
  readonly token: string;
}

const MAX_USER_AGENT_CHARS = 300;

/** Opens a session of a person under a new token, whatever the browser had before. */
export async function openSession(
  tx: Kysely<Database>,
  { user_id, origin, now_ms }: { user_id: string; origin: SignInOrigin; now_ms: number },
): Promise<OpenedSession> {
  const token = newSecret();
  const { id, expires_at } = await tx
    .insertInto('user_session')
    .values({
      id: newId('ses', now_ms),
      user_id,
      hash: hashSecret(token),
      address: origin.address,
      user_agent: origin.user_agent?.slice(0, MAX_USER_AGENT_CHARS).replaceAll('\0', '') ?? null,
      expires_at: sql<string>`now() + ${`${LONGEST_DAYS} days`}::interval`,
    })
    .returning(['id', 'expires_at'])
    .executeTakeFirstOrThrow();
  const user: User = await tx
    .updateTable('user_account')
    .set({ last_sign_in_at: sql<string>`now()` })
    .where('id', '=', user_id)
    .returning(USER_COLUMNS)
    .executeTakeFirstOrThrow();
  return { user, session_id: id, expires_at, token };
}
