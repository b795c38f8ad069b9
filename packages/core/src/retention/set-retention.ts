import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import { DEFAULT_RETENTION, Retention, type SetRetentionInput } from './contract.ts';

/** The rules in force. */
export async function getRetention(ctx: CoreContext): Promise<Retention> {
  const row = await ctx.database.db.selectFrom('setting').select('value').where('key', '=', 'retention').executeTakeFirst();
  return row === undefined ? DEFAULT_RETENTION : Retention.parse(row.value);
}

/** Replaces the rules given, keeps the others. */
export async function setRetention(ctx: CoreContext, input: SetRetentionInput): Promise<Retention> {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const next = Retention.parse({ ...(await getRetention(ctx)), ...given });
  const value = JSON.stringify(next);
  await ctx.database.db
    .insertInto('setting')
    .values({ key: 'retention', value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value, updated_at: sql`now()` }))
    .execute();
  return next;
}
