import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import { notFound } from '../errors.ts';
import type { ApiKey, RevokeKeyInput } from './contract.ts';
import { KEY_COLUMNS } from './key-row.ts';

/** Idempotent: a second revocation keeps the first time. @throws NOT_FOUND */
export async function revokeKey(ctx: CoreContext, input: RevokeKeyInput): Promise<ApiKey> {
  const row = await ctx.database.db
    .updateTable('api_key')
    .set({ revoked_at: sql<string>`coalesce(revoked_at, now())` })
    .where('id', '=', input.id)
    .returning(KEY_COLUMNS)
    .executeTakeFirst();
  if (row === undefined) throw notFound('key', input.id);
  return row;
}
