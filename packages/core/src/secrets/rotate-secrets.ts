import type { CoreContext } from '../ports/index.ts';
import { currentKey, seal, unseal } from './seal.ts';

/** Seals every value anew with the first key, all or nothing; then older keys can go. @throws {AppError} UNAVAILABLE when one is missing */
export async function rotateSecrets(ctx: CoreContext): Promise<{ key_id: string; resealed: number }> {
  const key = currentKey(ctx.secretKeys);
  return ctx.database.db.transaction().execute(async (tx) => {
    const rows = await tx.selectFrom('secret').select(['name', 'key_id', 'sealed']).where('key_id', '!=', key.id).forUpdate().execute();
    for (const row of rows) {
      const { key_id, sealed } = seal(row.name, unseal(row, ctx.secretKeys), key);
      await tx.updateTable('secret').set({ key_id, sealed }).where('name', '=', row.name).execute();
    }
    return { key_id: key.id, resealed: rows.length };
  });
}
