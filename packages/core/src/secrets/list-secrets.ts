import type { CoreContext } from '../ports/index.ts';
import type { Secret } from './contract.ts';

export const SECRET_COLUMNS = ['name', 'key_id', 'created_at', 'updated_at'] as const;

/** By name; values are never among them. */
export async function listSecrets(ctx: CoreContext): Promise<Secret[]> {
  return ctx.database.db.selectFrom('secret').select(SECRET_COLUMNS).orderBy('name').execute();
}
