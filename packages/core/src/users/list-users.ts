import { decodeCursor, encodeCursor } from '../cursors.ts';
import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { GetUserInput, ListUsersInput, ListUsersOutput, User } from './contract.ts';
import { USER_COLUMNS } from './user-row.ts';

const LIST = 'users';

/** In the order they were added, disabled ones included. */
export async function listUsers(ctx: CoreContext, input: ListUsersInput): Promise<ListUsersOutput> {
  let query = ctx.database.db
    .selectFrom('user_account')
    .select(USER_COLUMNS)
    .orderBy('id')
    .limit(input.limit + 1);
  if (input.cursor !== undefined) query = query.where('id', '>', decodeCursor(LIST, input.cursor));
  const rows = await query.execute();
  const items = rows.slice(0, input.limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > input.limit && last !== undefined ? encodeCursor(LIST, last.id) : null };
}

/** @throws {AppError} NOT_FOUND */
export async function getUser(ctx: CoreContext, input: GetUserInput): Promise<User> {
  const row = await ctx.database.db.selectFrom('user_account').select(USER_COLUMNS).where('id', '=', input.id).executeTakeFirst();
  if (row === undefined) throw notFound('user', input.id);
  return row;
}

/** Whether anybody was ever added; a disabled person counts. */
export async function hasUser(ctx: CoreContext): Promise<boolean> {
  return (await ctx.database.db.selectFrom('user_account').select('id').limit(1).executeTakeFirst()) !== undefined;
}
