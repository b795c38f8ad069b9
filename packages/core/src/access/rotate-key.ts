import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import { AppError, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { ApiKey, CreateKeyOutput, GetKeyInput, RotateKeyInput } from './contract.ts';
import { insertKey, requireExpiry } from './create-key.ts';
import { KEY_COLUMNS } from './key-row.ts';

/** @throws {AppError} NOT_FOUND */
export async function getKey(ctx: CoreContext, input: GetKeyInput): Promise<ApiKey> {
  const row = await ctx.database.db.selectFrom('api_key').select(KEY_COLUMNS).where('id', '=', input.id).executeTakeFirst();
  if (row === undefined) throw notFound('key', input.id);
  return row;
}

/**
 * Replaces a key by one that may do the same; for a while both work. Workers registered with the old one are the new one's too.
 * @throws {AppError} NOT_FOUND, CONFLICT for a key that no longer works or was replaced already
 */
export async function rotateKey(ctx: CoreContext, input: RotateKeyInput, createdBy: string | null = null): Promise<CreateKeyOutput> {
  const nowMs = ctx.now();
  requireExpiry(nowMs, input.expires_at);
  return ctx.database.db.transaction().execute(async (tx) => {
    const old = await tx
      .selectFrom('api_key')
      .select(['name', 'role', 'family', 'queues', 'kinds', 'sees_payloads', 'expires_at', 'replaced_by'])
      .select(sql<boolean>`revoked_at is null and (expires_at is null or expires_at > now())`.as('is_live'))
      .where('id', '=', input.id)
      .forUpdate()
      .executeTakeFirst();
    if (old === undefined) throw notFound('key', input.id);
    const { replaced_by, is_live, ...kept } = old;
    if (!is_live || replaced_by !== null)
      throw new AppError(
        'CONFLICT',
        replaced_by === null ? 'This key no longer works; create a new one.' : 'This key was replaced already.',
        {
          data: { replaced_by },
        },
      );
    const id = newId('key', nowMs);
    const made = await insertKey(tx, { ...kept, id, created_by: createdBy, expires_at: input.expires_at ?? old.expires_at });
    await tx
      .updateTable('api_key')
      .set({ replaced_by: id, expires_at: sql<string>`least(expires_at, now() + ${`${input.overlap_seconds} seconds`}::interval)` })
      .where('id', '=', input.id)
      .execute();
    return made;
  });
}
