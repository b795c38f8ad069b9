import type { CoreContext } from '../ports/index.ts';
import { invalid } from '../errors.ts';
import type { ListKeysInput, ListKeysOutput } from './contract.ts';
import { KEY_COLUMNS } from './key-row.ts';

const CURSOR = /^key_[0-9a-z]{1,60}$/;

/** Newest first, revoked and expired ones included. The cursor is the id of the last key of the page before. */
export async function listKeys(ctx: CoreContext, input: ListKeysInput): Promise<ListKeysOutput> {
  if (input.cursor !== undefined && !CURSOR.test(input.cursor)) throw invalid('cursor', 'is not a cursor of this list');
  let query = ctx.database.db
    .selectFrom('api_key')
    .select(KEY_COLUMNS)
    .orderBy('id', 'desc')
    .limit(input.limit + 1);
  if (input.cursor !== undefined) query = query.where('id', '<', input.cursor);
  const rows = await query.execute();
  const items = rows.slice(0, input.limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > input.limit && last !== undefined ? last.id : null };
}
