import type { CoreContext } from '../ports/index.ts';
import { invalid } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CreateKeyInput, CreateKeyOutput } from './contract.ts';
import { KEY_COLUMNS } from './key-row.ts';
import { formatKey, hashSecret, newSecret } from './key-text.ts';

/** Creates a key; only this answer carries its text. */
export async function createKey(ctx: CoreContext, input: CreateKeyInput): Promise<CreateKeyOutput> {
  const nowMs = ctx.now();
  if (input.expires_at !== undefined && Date.parse(input.expires_at) <= nowMs) throw invalid('expires_at', 'must be in the future');
  const id = newId('key', nowMs);
  const secret = newSecret();
  const row = await ctx.database.db
    .insertInto('api_key')
    .values({ id, name: input.name, role: input.role, hash: hashSecret(secret), family: id, expires_at: input.expires_at ?? null })
    .returning(KEY_COLUMNS)
    .executeTakeFirstOrThrow();
  return { ...row, key: formatKey({ id, secret }) };
}
