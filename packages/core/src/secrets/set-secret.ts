import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import type { Secret, SetSecretInput } from './contract.ts';
import { SECRET_COLUMNS } from './list-secrets.ts';
import { currentKey, seal } from './seal.ts';

/** Creates it or replaces its value; jobs claimed from then on get the new one. @throws {AppError} UNAVAILABLE without a key */
export async function setSecret(ctx: CoreContext, { name, value }: SetSecretInput): Promise<Secret> {
  const row = seal(name, value, currentKey(ctx.secretKeys));
  return ctx.database.db
    .insertInto('secret')
    .values(row)
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet({ key_id: row.key_id, sealed: row.sealed, updated_at: sql<string>`now()` }),
    )
    .returning(SECRET_COLUMNS)
    .executeTakeFirstOrThrow();
}
