import { timingSafeEqual } from 'node:crypto';
import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import type { Role } from './contract.ts';
import { hashSecret, parseKey } from './key-text.ts';

export interface AuthenticatedKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** The first key of the line it was rotated from. */
  readonly family: string;
  /** What it is limited to; null: no limit. */
  readonly queues: readonly string[] | null;
  readonly kinds: readonly string[] | null;
  readonly sees_payloads: boolean;
}

/**
 * The key behind a credential, or null: mistyped, unknown, revoked and expired are the same answer.
 * Notes the use of the key at most once a minute.
 */
export async function authenticate(ctx: CoreContext, credential: string): Promise<AuthenticatedKey | null> {
  const parts = parseKey(credential);
  if (parts === null) return null;
  const row = await ctx.database.db
    .selectFrom('api_key')
    .select(['id', 'hash', 'name', 'role', 'family', 'queues', 'kinds', 'sees_payloads'])
    .select(sql<boolean>`last_used_at is null or last_used_at < now() - interval '1 minute'`.as('is_use_due'))
    .where('id', '=', parts.id)
    .where('revoked_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb(sql`expires_at`, '>', sql`now()`)]))
    .executeTakeFirst();
  // An unknown id costs the same hash and comparison as a wrong secret.
  const expected = Buffer.from(row?.hash ?? '0'.repeat(64));
  const isSame = timingSafeEqual(expected, Buffer.from(hashSecret(parts.secret)));
  if (row === undefined || !isSame) return null;
  if (row.is_use_due)
    await ctx.database.db
      .updateTable('api_key')
      .set({ last_used_at: sql<string>`now()` })
      .where('id', '=', row.id)
      .execute();
  const { hash: _hash, is_use_due: _isUseDue, ...key } = row;
  return key;
}
