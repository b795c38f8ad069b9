import { sql } from 'kysely';
import { decodeCursor, encodeCursor } from '../cursors.ts';
import { invalid } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import {
  type ListAccountsInput,
  OPERATOR_PAUSE,
  PlatformKey,
  type SetAccountInput,
  type ListedAccount,
  type SocialAccount,
} from './contract.ts';
import { toAccount } from './platform-row.ts';

/** Names, pauses or reactivates an account; one never seen is made. Reactivating drops the reason and the time to wait for. */
export async function setAccount(ctx: CoreContext, input: SetAccountInput): Promise<SocialAccount> {
  const { platform, id, name, status } = input;
  const given = {
    ...(name === undefined ? {} : { name }),
    ...(status === 'active' ? { status, pause_reason: null, not_before: null } : {}),
    ...(status === 'paused' ? { status, pause_reason: OPERATOR_PAUSE } : {}),
  };
  const row = await ctx.database.db
    .insertInto('social_account')
    .values({ platform_key: platform, id, ...given })
    .onConflict((conflict) => conflict.columns(['platform_key', 'id']).doUpdateSet({ ...given, updated_at: sql<string>`now()` }))
    .returningAll()
    .executeTakeFirstOrThrow();
  ctx.hub.publish(['publish_queue']);
  return toAccount(row);
}

/** Pending publications of these accounts, by `platform:id`; the index of pending ones holds no more than the queue. */
async function countPending(
  ctx: CoreContext,
  accounts: readonly { platform_key: PlatformKey; id: string }[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ account: string; count: number }>`
    select platform_key || ':' || social_account_id as account, count(*)::int as count from publication
    where status = 'pending' and (platform_key, social_account_id) in (
      select * from unnest(${accounts.map((account) => account.platform_key)}::text[], ${accounts.map((account) => account.id)}::text[]))
    group by platform_key, social_account_id`.execute(ctx.database.db);
  return new Map(rows.map(({ account, count }) => [account, count]));
}

/** Accounts by platform and id, a page at a time. @throws {AppError} VALIDATION for a cursor of another list. */
export async function listAccounts(
  ctx: CoreContext,
  input: ListAccountsInput,
): Promise<{ items: ListedAccount[]; next_cursor: string | null }> {
  let query = ctx.database.db
    .selectFrom('social_account')
    .selectAll()
    .orderBy('platform_key')
    .orderBy('id')
    .limit(input.limit + 1);
  if (input.platform !== undefined) query = query.where('platform_key', '=', input.platform);
  if (input.status !== undefined) query = query.where('status', '=', input.status);
  if (input.cursor !== undefined) {
    const [key = '', id = ''] = decodeCursor('accounts', input.cursor).split(':');
    if (!PlatformKey.safeParse(key).success) throw invalid('cursor', 'is not a cursor of this list');
    query = query.where(sql<boolean>`(platform_key, id) > (${key}, ${id})`);
  }
  const rows = await query.execute();
  const items = rows.slice(0, input.limit);
  const last = items.at(-1);
  const next_cursor = rows.length > input.limit && last !== undefined ? encodeCursor('accounts', `${last.platform_key}:${last.id}`) : null;
  const pending = await countPending(ctx, items);
  return { items: items.map((row) => ({ ...toAccount(row), pending: pending.get(`${row.platform_key}:${row.id}`) ?? 0 })), next_cursor };
}
