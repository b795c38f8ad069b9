import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { AppError } from '../errors.ts';

/** @throws {AppError} NOT_FOUND naming each clip of a campaign that does not exist. */
export async function requireClips(tx: Transaction<Database>, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const rows = await tx
    .selectFrom('clip')
    .select('id')
    .where('id', 'in', [...ids])
    .execute();
  const known = new Set(rows.map((row) => row.id));
  const issues = ids.flatMap((id, index) => (known.has(id) ? [] : [{ path: `clip_ids.${index}`, message: `no clip has the id "${id}"` }]));
  const [first] = issues;
  if (first === undefined) return;
  throw new AppError('NOT_FOUND', `${first.path}: ${first.message}.`, {
    issues,
    data: { resource: 'clip', id: ids.find((id) => !known.has(id)) },
  });
}
